import type { IncomingMessage, ServerResponse } from "node:http";
import type { EpochMs, Source } from "@messnetz/model";
import { createAddressLimits } from "../address-limits.ts";
import type { IngestConfig } from "../config.ts";
import type { Authenticator } from "../entry.ts";
import type { Intake } from "../intake-port.ts";
import type { DoorContext, Open } from "./door-request.ts";
import { createFailedLogins } from "./failed-logins.ts";
import type { HttpEvents, RequestKind } from "./http-events.ts";
import { DoorProblem, sendProblem, unavailable } from "./problem.ts";
import { readAuthorization } from "./read-authorization.ts";
import { readIdempotencyKey } from "./read-idempotency-key.ts";
import { messagesPath, readTarget, type Target } from "./read-target.ts";
import { receiveBatch } from "./receive-batch.ts";
import { receiveMessage, tooLarge } from "./receive-message.ts";
import { CutOffError, openBody } from "./request-body.ts";

export interface HttpDoorOptions {
  readonly config: IngestConfig;
  readonly intake: Intake;
  readonly authenticator: Authenticator;
  readonly events: HttpEvents;
  readonly clock?: () => EpochMs;
  /** How often timeouts and revoked credentials are seen to; 1,000 ms when absent. */
  readonly lookEveryMs?: number;
}

/** Takes messages by HTTP: 2xx means stored. Listens nowhere by itself. */
export interface HttpDoor {
  /** Answers a request to `/api/v1/messages` or below. `address`: who asks, as far as proxies are believed. Throws nothing. */
  handle(request: IncomingMessage, response: ServerResponse, address: string): void;
  /** Requests that are not answered yet. */
  open(): number;
  /** Takes nothing new; answers what becomes durable within `withinMs` (10 s), and cuts off the rest. */
  close(withinMs?: number): Promise<void>;
}

const lookEveryMs = 1000;
const defaultCloseMs = 10_000;
/** A refused body up to this is read to its end, so that the connection can be used again. */
const maxDrainBytes = 1_048_576;

export function createHttpDoor(options: HttpDoorOptions): HttpDoor {
  const { config, intake, authenticator, events } = options;
  const requests = createAddressLimits(
    config.MESSNETZ_MQTT_MAX_CONNECTIONS,
    config.MESSNETZ_MQTT_MAX_CONNECTIONS_PER_ADDRESS,
  );
  const failedLogins = createFailedLogins(() => performance.now());
  const open = new Set<Open>();
  const responses = new Set<ServerResponse>();
  let batches = 0;
  let heldBytes = 0;
  let version = authenticator.version;
  let isClosing = false;
  let idle: (() => void) | undefined;

  const context: DoorContext = {
    intake,
    authenticator,
    events,
    clock: options.clock ?? Date.now,
    limits: {
      maxPayloadBytes: config.MESSNETZ_MQTT_MAX_PACKET_BYTES,
      bodyTimeoutMs: config.MESSNETZ_HTTP_DOOR_BODY_TIMEOUT_MS,
      writeTimeoutMs: config.MESSNETZ_MQTT_WRITE_TIMEOUT_MS,
      maxInFlightBytes: config.MESSNETZ_MQTT_MAX_IN_FLIGHT_BYTES,
    },
    held: {
      take(bytes) {
        if (heldBytes + bytes > config.MESSNETZ_INTAKE_MAX_PENDING_BYTES) return false;
        heldBytes += bytes;
        return true;
      },
      give: (bytes) => void (heldBytes -= bytes),
    },
  };

  const unwatch = intake.watch({
    pause: () => {},
    resume: () => open.forEach((one) => one.resume()),
    abandon() {
      for (const one of open) one.abandon(unavailable("it has failed for too long"));
    },
  });
  const looking = setInterval(review, options.lookEveryMs ?? lookEveryMs);
  looking.unref();

  /** A credential that was revoked does not go on with what it has begun. */
  function review(): void {
    const current = authenticator.version;
    if (current === version) return;
    version = current;
    const revoked = new DoorProblem("unauthenticated", "expected a credential that is not revoked");
    for (const one of open) if (authenticator.isActive?.(one.source.id) === false) one.abandon(revoked);
  }

  function login(request: IncomingMessage, address: string): Source {
    const claim = readAuthorization(request.headers.authorization);
    const source = claim && authenticator.authenticate(claim.username, claim.password);
    if (source !== undefined) return source;
    const expected =
      "expected a header `Authorization: Basic …` (or `Bearer <user name>:<password>`) with user name and password of a credential";
    const waitSeconds = failedLogins.count(address);
    if (waitSeconds > 0) throw new DoorProblem("too-many", `${expected}; this address failed too often`, waitSeconds);
    throw new DoorProblem("unauthenticated", expected);
  }

  async function take(request: IncomingMessage, response: ServerResponse, door: Asked): Promise<void> {
    if (request.method !== "POST") throw new DoorProblem("not-found", `expected POST ${messagesPath}/<topic>`);
    const source = login(request, door.address);
    const target = readTarget(request.url ?? "", request.headers["content-type"]);
    door.kind = kindOf(target);
    if (isClosing) throw unavailable("it ends");
    if (!intake.isAvailable() || intake.isPaused()) throw unavailable("it is behind, or fails");
    const idempotencyKey = readIdempotencyKey(request.headers["idempotency-key"]);
    const { maxPayloadBytes } = context.limits;
    if (target.kind === "message" && Number(request.headers["content-length"] ?? 0) > maxPayloadBytes)
      throw tooLarge(maxPayloadBytes);
    const body = openBody(request);
    let mine: Open | undefined;
    const onOpen = (one: Open) => void open.add((mine = one));
    const asked = { request, response, source, body, idempotencyKey };
    try {
      if (target.kind === "message") return await receiveMessage(context, asked, { topic: target.topic, onOpen });
      if (batches >= config.MESSNETZ_HTTP_DOOR_BATCHES)
        throw new DoorProblem("too-many", `expected at most ${batches} batches at once: send it again later`, 5);
      batches++;
      try {
        return await receiveBatch(context, asked, { target, onOpen });
      } finally {
        batches--;
      }
    } finally {
      if (mine !== undefined) open.delete(mine);
    }
  }

  function refuse(problem: DoorProblem, door: Asked): void {
    const { request, response, kind, address } = door;
    events.refused(kind, { problem: problem.kind, address, detail: problem.message });
    if (response.headersSent || response.destroyed) return void response.destroy();
    const rest = Number(
      request.headers["content-length"] ?? (request.headers["transfer-encoding"] === undefined ? 0 : Infinity),
    );
    const canGoOn = request.complete || (problem.kind !== "too-slow" && rest <= maxDrainBytes);
    sendProblem(response, problem, canGoOn ? "keep" : "close");
    if (request.complete) return;
    // What still comes is thrown away, for a while.
    request.unpipe();
    request.resume();
    const cut = setTimeout(() => request.destroy(), context.limits.bodyTimeoutMs);
    request.once("close", () => clearTimeout(cut));
    request.once("end", () => clearTimeout(cut));
  }

  async function answer(door: Asked): Promise<void> {
    const { request, response, address } = door;
    if (!requests.enter(address))
      return refuse(new DoorProblem("too-many", "expected fewer requests at once", 1), door);
    responses.add(response);
    response.once("close", () => {
      requests.leave(address);
      responses.delete(response);
      if (responses.size === 0) idle?.();
    });
    try {
      await take(request, response, door);
    } catch (error) {
      if (error instanceof DoorProblem) return refuse(error, door);
      if (error instanceof CutOffError) {
        events.ended(door.kind, response.headersSent ? "not_reading" : "cut_off");
        return void response.destroy();
      }
      events.faulted(error);
      refuse(new DoorProblem("internal", "expected an answer; the server met a bug, which its log describes"), door);
    }
  }

  return {
    handle(request, response, address) {
      request.on("error", () => {});
      response.on("error", () => {});
      answer({ request, response, address, kind: "message" }).catch((error: unknown) => {
        events.faulted(error);
        response.destroy();
      });
    },
    open: () => responses.size,
    async close(withinMs = defaultCloseMs) {
      if (isClosing) return;
      isClosing = true;
      for (const one of open) one.finish(unavailable("it ends"));
      if (responses.size > 0) {
        const { promise, resolve } = Promise.withResolvers<void>();
        idle = resolve;
        const bound = setTimeout(resolve, withinMs);
        await promise;
        clearTimeout(bound);
      }
      for (const response of responses) response.destroy();
      unwatch();
      clearInterval(looking);
    },
  };
}

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly address: string;
  kind: RequestKind;
}

function kindOf(target: Target): RequestKind {
  return target.kind === "message" ? "message" : "batch";
}
