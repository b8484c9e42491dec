import { setTimeout as delay } from "node:timers/promises";
import type { EpochMs, Source } from "@messnetz/model";
import type { ControlPackets } from "../control-packets.ts";
import type { Intake } from "../intake-port.ts";
import type { BridgeEvents, SessionFigures } from "./bridge-events.ts";
import { type BridgePlan, clientOf } from "./bridge-file.ts";
import { openBrokerConnection } from "./broker-connection.ts";
import type { BrokerConnection, BrokerLimits } from "./broker-connection-port.ts";
import { type Ending, isTakenOver, isVersionRefusal } from "./connection-ending.ts";
import { createRequestPace } from "./device-requests.ts";
import { readAccess } from "./read-access.ts";
import { createVersionChoice, type VersionAnswer } from "./version-choice.ts";

/** The registry as the bridge sees it. */
export interface Sources {
  /** Another number after every change. */
  readonly version: number;
  source(id: string): Source | undefined;
  /** False once the credential is revoked. */
  isActive(id: string): boolean;
}

export interface BridgeSessionOptions {
  readonly plan: BridgePlan;
  readonly intake: Intake;
  readonly sources: Sources;
  readonly events: BridgeEvents;
  readonly limits: BrokerLimits;
  readonly control: ControlPackets;
  /** The broker had a session for it when this process was started. */
  readonly isKept: boolean;
  readonly now: () => number;
  readonly clock: () => EpochMs;
  /** How long to wait after so many attempts that failed in a row. */
  readonly retryAfterMs: (failures: number) => number;
  /** How often what the bridge waits for is looked at. */
  readonly lookEveryMs: number;
}

export interface BridgeSession {
  /** Undefined: it receives. */
  trouble(): string | undefined;
  figures(): SessionFigures;
  pause(): void;
  resume(): void;
  /** The store has failed for too long: nothing can be acknowledged. It connects again when the store is back. */
  abandon(): void;
  look(now: number): void;
  /** For ever: connects, and connects again. Resolves at the end. */
  run(signal: AbortSignal): Promise<void>;
  /** Ends the connection, where there is one. */
  leave(): void;
}

/** A connection that held so long was no failure. */
const steadyMs = 10_000;

/** Keeps one named session at a broker connected: waits for its credential and the store, falls back to 3.1.1, and backs off between attempts. */
export function createBridgeSession(options: BridgeSessionOptions): BridgeSession {
  const { plan, intake, sources, events } = options;
  const { broker, session } = plan;
  const { name } = session;
  const client = clientOf(plan);
  const versions = createVersionChoice(broker.version);
  let connection: BrokerConnection | undefined;
  let source: Source | undefined;
  let seenVersion: number | undefined;
  let waitsFor = "it has not begun";
  let heardAt = options.clock();
  /** The broker ought to have the session. */
  let isExpected = options.isKept;
  const mayAsk = createRequestPace(options.now);
  intake.keep(client);

  /** Why it is not the time to connect. */
  function obstacle(): string | undefined {
    source = sources.source(broker.source);
    seenVersion = sources.version;
    if (source === undefined) return `the registry has no credential ${broker.source}; add it, and the bridge connects`;
    if (!sources.isActive(broker.source)) return `the credential ${broker.source} is revoked`;
    return intake.isAvailable() && !intake.isPaused() ? undefined : "the store does not take messages at the moment";
  }

  async function admission(signal: AbortSignal): Promise<void> {
    for (let reason = obstacle(); reason !== undefined && !signal.aborted; reason = obstacle()) {
      if (reason !== waitsFor) events.waiting(name, reason);
      waitsFor = reason;
      await pauseFor(options.lookEveryMs, signal);
    }
    waitsFor = "it is connecting";
  }

  async function attempt(signal: AbortSignal): Promise<Ending> {
    const access = await readAccess(broker);
    if (signal.aborted) return { kind: "left", why: "shutdown" };
    const version = versions.next();
    connection = openBrokerConnection({
      plan,
      version,
      access,
      source: () => source!,
      client,
      intake,
      events,
      limits: options.limits,
      control: options.control,
      now: options.now,
      clock: options.clock,
      mayAsk,
      onHeard: () => (heardAt = options.clock()),
      onAccepted(isPresent) {
        versions.heard("accepted");
        if (isExpected && !isPresent) events.sessionForgotten(name);
        isExpected = true;
      },
    });
    const ending = await connection.ended;
    connection = undefined;
    return ending;
  }

  async function run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      await admission(signal);
      if (signal.aborted) return;
      let ending: Ending;
      try {
        ending = await attempt(signal);
      } catch (error) {
        events.unreadableFiles(name, error);
        waitsFor = String(error);
        await pauseFor(options.retryAfterMs(failures++), signal);
        continue;
      }
      const isSteady = ending.kind === "left" || (ending.kind === "lost" && ending.lastedMs > steadyMs);
      failures = isSteady ? 0 : failures + 1;
      const answer = answerOf(ending);
      if (answer !== undefined && versions.heard(answer)) {
        events.fellBack(name, describe(ending));
        continue;
      }
      // Who shares a name with another process would be thrown out in turns.
      const retryMs = options.retryAfterMs(isTakenOver(ending) ? Number.MAX_SAFE_INTEGER : failures);
      waitsFor = describe(ending);
      events.ended(name, ending, retryMs);
      await pauseFor(retryMs, signal);
    }
  }

  return {
    run,
    trouble: () => (connection === undefined ? waitsFor : connection.trouble()),
    figures: () => ({
      isConnected: connection !== undefined && connection.trouble() === undefined,
      unacknowledged: connection?.unacknowledged() ?? 0,
      silentSeconds: (options.clock() - heardAt) / 1000,
    }),
    pause: () => connection?.pause(),
    resume: () => connection?.resume(),
    abandon: () => connection?.leave("abandoned"),
    leave: () => connection?.leave("shutdown"),
    look(now) {
      if (connection === undefined) return;
      connection.look(now);
      if (sources.version === seenVersion) return;
      seenVersion = sources.version;
      const current = sources.source(broker.source);
      if (current === undefined || !sources.isActive(broker.source)) connection.leave("revoked");
      else source = current;
    },
  };
}

function answerOf(ending: Ending): VersionAnswer | undefined {
  if (isVersionRefusal(ending)) return "refused";
  return ending.kind === "unanswered" && ending.isReached ? "silence" : undefined;
}

function describe(ending: Ending): string {
  return ending.kind === "left" ? `it left the broker (${ending.why})` : ending.detail;
}

async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    // The delay rejects for one reason: the end.
  }
}
