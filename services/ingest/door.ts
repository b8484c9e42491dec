import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { EpochMs } from "@messnetz/model";
import { createAddressLimits } from "./address-limits.ts";
import { assertSafeDoor } from "./binding.ts";
import type { IngestConfig } from "./config.ts";
import { createConnection } from "./connection.ts";
import type { Connection, ConnectionContext } from "./connection-port.ts";
import { createControlPackets } from "./control-packets.ts";
import type { Authenticator } from "./entry.ts";
import type { IngestEvents } from "./events.ts";
import type { Intake } from "./intake-port.ts";
import { reason } from "./reason-codes.ts";
import { createSessions, type KeptSession } from "./sessions.ts";
import { readTlsOptions } from "./tls.ts";
import { createWills } from "./wills.ts";

export interface DoorOptions {
  readonly config: IngestConfig;
  readonly intake: Intake;
  readonly authenticator: Authenticator;
  /** As the store kept them. */
  readonly sessions?: Iterable<KeptSession>;
  readonly events: IngestEvents;
  readonly clock?: () => EpochMs;
  /** How often timeouts are seen to; 1,000 ms when absent. */
  readonly lookEveryMs?: number;
}

export interface Door {
  address(): { readonly host: string; readonly port: number };
  /** Open connections, those that have not said CONNECT yet among them. */
  connections(): number;
  /** Sessions that outlive their connections. */
  sessions(): number;
  /** Reads no more, acknowledges what becomes durable within `withinMs` (10 s), and closes. Nothing is acknowledged after. */
  close(withinMs?: number): Promise<void>;
}

const lookEveryMs = 1000;
/** How long sockets may take to part when the door closes. */
const partingMs = 1000;
const sweepEveryMs = 60_000;
const defaultCloseMs = 10_000;
/** Finds out about devices that vanished without a word and asked for no keep-alive. */
const tcpKeepAliveMs = 60_000;
/** Connections that the kernel keeps ready: a town's devices come back at once after an outage. */
const backlog = 4096;

/**
 * Opens the MQTT door: 3.1.1 (3.1 too) and 5, takes publishes of every QoS, serves no subscriptions. Rejects with an `UnsafeBindingError`
 * where it would listen wider than the loopback without TLS, and with the system's error where it cannot listen.
 */
export async function createDoor(options: DoorOptions): Promise<Door> {
  const { config, intake, events } = options;
  assertSafeDoor(config);
  const clock = options.clock ?? Date.now;
  const connections = new Set<Connection>();
  const clients = new Map<string, Connection>();
  /** Also those that are still shaking hands over TLS. */
  const sockets = new Set<Socket>();
  const addresses = createAddressLimits(
    config.MESSNETZ_MQTT_MAX_CONNECTIONS,
    config.MESSNETZ_MQTT_MAX_CONNECTIONS_PER_ADDRESS,
  );
  const sessions = createSessions({
    maxPerCredential: config.MESSNETZ_MQTT_MAX_SESSIONS_PER_CREDENTIAL,
    kept: options.sessions ?? [],
    now: clock(),
  });
  const wills = createWills({ intake, events, now: () => now });
  const lookMs = options.lookEveryMs ?? lookEveryMs;
  let now = performance.now();
  let sweptAt = now;
  let version = options.authenticator.version;
  let isClosing = false;

  const context: ConnectionContext = {
    authenticator: options.authenticator,
    sessions,
    wills,
    intake,
    events,
    clock,
    control: createControlPackets(),
    now: () => now,
    limits: {
      maxPacketBytes: config.MESSNETZ_MQTT_MAX_PACKET_BYTES,
      receiveMaximum: config.MESSNETZ_MQTT_RECEIVE_MAXIMUM,
      maxTopicBytes: config.MESSNETZ_MQTT_MAX_TOPIC_BYTES,
      maxTopicAlias: config.MESSNETZ_MQTT_TOPIC_ALIAS_MAXIMUM,
      maxSessionExpiryMs: config.MESSNETZ_MQTT_MAX_SESSION_EXPIRY_S * 1000,
      connectTimeoutMs: config.MESSNETZ_MQTT_CONNECT_TIMEOUT_MS,
      writeTimeoutMs: config.MESSNETZ_MQTT_WRITE_TIMEOUT_MS,
      maxInFlightBytes: config.MESSNETZ_MQTT_MAX_IN_FLIGHT_BYTES,
      lookEveryMs: lookMs,
    },
    takeOver(client) {
      clients
        .get(client)
        ?.close({ why: "taken_over", code: reason.sessionTakenOver, detail: "the client connected again" });
    },
    onAdmitted: (connection, client) => clients.set(client, connection),
    onLeft(connection, client) {
      if (clients.get(client) === connection) clients.delete(client);
    },
    onClosed: (connection) => connections.delete(connection),
  };

  function meet(socket: Socket): void {
    now = performance.now();
    connections.add(createConnection(socket, context));
  }

  function count(socket: Socket): void {
    const address = socket.remoteAddress ?? "";
    if (!addresses.enter(address)) {
      events.refused("too_many", address, `${addresses.count()} connections`);
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      addresses.leave(address);
    });
  }

  const server = await listen(config, { count, meet, events });
  const unwatch = intake.watch({
    pause: () => connections.forEach((connection) => connection.pause()),
    resume: () => connections.forEach((connection) => connection.resume()),
    abandon() {
      for (const connection of connections) connection.close({ why: "unavailable", detail: "the store takes nothing" });
    },
  });
  const looking = setInterval(look, lookMs);

  /** A fault in one thing does not keep the others from being seen to. */
  function look(): void {
    now = performance.now();
    for (const see of [lookAtAll, cutHoarders, wills.sweep, review, sweep]) {
      try {
        see();
      } catch (error) {
        events.faulted("look", error);
      }
    }
  }

  function lookAtAll(): void {
    for (const connection of connections) connection.look(now);
  }

  function sweep(): void {
    if (now - sweptAt < sweepEveryMs) return;
    sweptAt = now;
    const changes = sessions.sweep(clock());
    if (changes.length > 0) intake.change(changes);
    intake.forget((client) => sessions.has(client) || clients.has(client));
  }

  /** Packets that never become whole take memory: together not more than the messages that wait for the store. */
  function cutHoarders(): void {
    const most = config.MESSNETZ_INTAKE_MAX_PENDING_BYTES;
    let held = 0;
    for (const connection of connections) held += connection.heldBytes();
    if (held <= most) return;
    const bySize = [...connections].sort((a, b) => b.heldBytes() - a.heldBytes());
    for (const connection of bySize) {
      if (held <= most / 2) return;
      held -= connection.heldBytes();
      connection.close({
        why: "packet_too_large",
        code: reason.packetTooLarge,
        detail: "unfinished packets hold too much",
      });
    }
  }

  /** A credential that was revoked does not go on with the connections it has. */
  function review(): void {
    const { authenticator } = options;
    const current = authenticator.version;
    if (current === version) return;
    for (const connection of connections) {
      const source = connection.sourceId();
      if (source === undefined || authenticator.isActive?.(source) !== false) continue;
      connection.close({ why: "revoked", code: reason.administrativeAction, detail: source });
    }
    version = current;
  }

  async function close(withinMs = defaultCloseMs): Promise<void> {
    if (isClosing) return;
    isClosing = true;
    const end = performance.now() + withinMs;
    const closed = once(server, "close");
    server.close();
    unwatch();
    for (const connection of connections) connection.pause();
    await intake.settled(withinMs);
    now = performance.now();
    for (const connection of connections)
      connection.close({ why: "shutdown", code: reason.serverShuttingDown, detail: "" });
    wills.close();
    await intake.settled(Math.max(0, end - performance.now()));
    const cut = setTimeout(() => sockets.forEach((socket) => socket.destroy()), partingMs);
    await closed;
    clearTimeout(cut);
    clearInterval(looking);
  }

  const { address: host, port } = server.address() as AddressInfo;
  events.listening(host, port);
  return {
    address: () => ({ host, port }),
    connections: () => connections.size,
    sessions: () => sessions.size(),
    close,
  };
}

async function listen(
  config: IngestConfig,
  on: { count: (socket: Socket) => void; meet: (socket: Socket) => void; events: IngestEvents },
): Promise<Server> {
  const tls = await readTlsOptions(config);
  const tcp = { noDelay: true, keepAlive: true, keepAliveInitialDelay: tcpKeepAliveMs };
  const server = tls === undefined ? createServer(tcp) : createTlsServer({ ...tcp, ...tls });
  server.prependListener("connection", on.count);
  if (tls === undefined)
    server.on("connection", (socket) => {
      if (!socket.destroyed) on.meet(socket);
    });
  else {
    server.on("secureConnection", on.meet);
    server.on("tlsClientError", (error: Error, socket: Socket) => {
      on.events.refused("tls", socket.remoteAddress ?? "", error.message);
      socket.destroy();
    });
  }
  server.listen({ host: config.MESSNETZ_MQTT_HOST, port: config.MESSNETZ_MQTT_PORT, backlog });
  await once(server, "listening");
  server.on("error", (error) => on.events.serverFailed(error));
  return server;
}
