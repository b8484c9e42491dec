import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import {
  connect,
  credsAuthenticator,
  type NatsConnection,
  type NodeConnectionOptions,
  type Status,
} from "@nats-io/transport-node";
import type { NatsAccess } from "./config.ts";
import type { NatsEvent, NatsLink } from "./link.ts";
import { warnOfServer } from "./server-warnings.ts";

export interface NatsOptions extends NatsAccess {
  /** Shown by the server beside the connection. */
  readonly name: string;
  readonly onEvent?: (event: NatsEvent) => void;
  /** Ends the waiting for the first connection. */
  readonly signal?: AbortSignal;
}

/** A server that hangs is noticed after two or three of these. */
const pingIntervalMs = 5000;
const maxPingOut = 2;
const connectTimeoutMs = 5000;
const answerTimeoutMs = 5000;
/** nats-server's `max_payload` where nobody sets it. */
const defaultMaxPayloadBytes = 1_048_576;
const checkTimeoutMs = 2000;
const closeTimeoutMs = 2000;

/** Between 0.2 and 1 s, so that many processes do not come back in the same moment. */
function reconnectDelayMs(): number {
  return 200 + Math.random() * 800;
}

/** Resolves when server and JetStream answer, however long that takes: a service may start before its servers. */
export async function connectNats(options: NatsOptions): Promise<NatsLink> {
  const { onEvent = () => {}, signal } = options;
  const connection = await untilDone(() => openConnection(options), { onEvent, signal });
  const link = await createLink(connection, onEvent);
  try {
    await untilDone(() => link.check(), { onEvent, signal });
  } catch (error) {
    await link.close();
    throw error;
  }
  onEvent({ kind: "connected", server: connection.getServer(), version: link.serverVersion });
  for (const warning of await warnOfServer(link.serverVersion, options.monitoringUrl)) onEvent(warning);
  return link;
}

interface Waiting {
  readonly onEvent: (event: NatsEvent) => void;
  readonly signal: AbortSignal | undefined;
}

async function untilDone<T>(attempt: () => Promise<T>, { onEvent, signal }: Waiting): Promise<T> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (cause) {
      onEvent({ kind: "connect_failed", cause });
    }
    await delay(reconnectDelayMs(), undefined, signal === undefined ? {} : { signal });
  }
}

/** Fails at once where no server answers; reconnects for ever once it stands. */
async function openConnection(options: NatsOptions): Promise<NatsConnection> {
  const { urls, name, user, password, credentialsFile, tls } = options;
  const settings: NodeConnectionOptions = {
    servers: [...urls],
    name,
    maxReconnectAttempts: -1,
    waitOnFirstConnect: false,
    ignoreAuthErrorAbort: true,
    reconnectDelayHandler: reconnectDelayMs,
    pingInterval: pingIntervalMs,
    maxPingOut,
    timeout: connectTimeoutMs,
    noAsyncTraces: true,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { pass: password }),
    ...(credentialsFile === undefined ? {} : { authenticator: credsAuthenticator(await readFile(credentialsFile)) }),
    ...(tls === undefined ? {} : { tls: tlsFiles(tls) }),
  };
  return connect(settings);
}

function tlsFiles({ ca, cert, key }: NonNullable<NatsAccess["tls"]>): NonNullable<NodeConnectionOptions["tls"]> {
  return {
    ...(ca === undefined ? {} : { caFile: ca }),
    ...(cert === undefined ? {} : { certFile: cert }),
    ...(key === undefined ? {} : { keyFile: key }),
  };
}

async function createLink(connection: NatsConnection, onEvent: (event: NatsEvent) => void): Promise<NatsLink> {
  const manager = await jetstreamManager(connection, { timeout: answerTimeoutMs, checkAPI: false });
  const quickManager = await jetstreamManager(connection, { timeout: checkTimeoutMs, checkAPI: false });
  const losses = new Set<() => void>();
  const returns = new Set<() => void>();
  let connected = true;
  let closing = false;

  function take(status: Status): void {
    if (status.type === "error") onEvent({ kind: "server_error", cause: status.error });
    if (status.type === "disconnect" && connected) {
      connected = false;
      onEvent({ kind: "disconnected", server: status.server });
      for (const listener of losses) listener();
    }
    if (status.type === "reconnect") {
      connected = true;
      onEvent({ kind: "reconnected", server: status.server });
      for (const listener of returns) listener();
    }
  }
  const statuses = (async () => {
    for await (const status of connection.status()) take(status);
  })();
  const ended = connection.closed().then((cause) => {
    connected = false;
    for (const listener of losses) listener();
    if (!closing) onEvent({ kind: "connection_ended", cause });
  });
  // While it reconnects the client knows no server.
  let { max_payload: maxPayloadBytes, version: serverVersion } = infoOf(connection);
  returns.add(() => ({ max_payload: maxPayloadBytes, version: serverVersion } = infoOf(connection)));

  return {
    connection,
    jetstream: jetstream(connection, { timeout: answerTimeoutMs }),
    manager,
    get maxPayloadBytes() {
      return maxPayloadBytes;
    },
    get serverVersion() {
      return serverVersion;
    },
    isConnected: () => connected,
    onDisconnect: (listener) => listenIn(losses, listener),
    onReconnect: (listener) => listenIn(returns, listener),
    async check() {
      if (!connected) throw new Error("expected a connection to NATS, it is lost; it is tried again by itself");
      await quickManager.getAccountInfo();
    },
    async close() {
      if (closing) return ended;
      closing = true;
      // A drain waits for a server that hangs for ever, and for a lost one until it is back.
      const timer = setTimeout(() => void connection.close(), closeTimeoutMs);
      const drained = connected ? connection.drain().catch(() => connection.close()) : connection.close();
      await Promise.race([drained, ended]);
      clearTimeout(timer);
      await Promise.all([ended, statuses]);
    },
  };
}

function infoOf(connection: NatsConnection): { readonly max_payload: number; readonly version: string } {
  return connection.info ?? { max_payload: defaultMaxPayloadBytes, version: "unknown" };
}

function listenIn(listeners: Set<() => void>, listener: () => void): () => void {
  // Its own function, so that one listener may be there twice.
  const entry = (): void => listener();
  listeners.add(entry);
  return () => void listeners.delete(entry);
}
