import type { EpochMs, SessionChange } from "@messnetz/model";

/** What a session keeps over connections: the QoS 2 packet ids that were received and not released (MQTT 5.0, 4.1). */
export interface Session {
  /** `<credential>/<client id>`: nobody can take over a session of another credential. */
  readonly client: string;
  /** It outlives its connection, and what happens to it is made durable. */
  readonly isDurable: boolean;
  readonly openPacketIds: Set<number>;
}

/** A session as the store keeps it. */
export interface KeptSession {
  readonly client: string;
  readonly expiryMs: number;
  readonly closedAt?: EpochMs;
  readonly openPacketIds: readonly number[];
}

export interface SessionRequest {
  readonly client: string;
  readonly credential: string;
  /** MQTT 5 clean start, 3.1.1 clean session: what was before is thrown away. */
  readonly isClean: boolean;
  /** 0: the session ends with the connection. */
  readonly expiryMs: number;
  readonly at: EpochMs;
}

export interface OpenedSession {
  readonly session: Session;
  /** CONNACK's session present. */
  readonly isPresent: boolean;
  /** To be durable before CONNACK is sent. */
  readonly changes: readonly SessionChange[];
}

export interface Sessions {
  open(request: SessionRequest): OpenedSession;
  /** The connection is gone; `expiryMs` 0 ends the session. */
  close(session: Session, expiryMs: number, at: EpochMs): readonly SessionChange[];
  /** Ends what has expired. */
  sweep(at: EpochMs): readonly SessionChange[];
  has(client: string): boolean;
  size(): number;
}

interface Kept extends Session {
  expiryMs: number;
  /** Infinity while connected. */
  closedAt: EpochMs;
}

/**
 * The durable sessions of all clients, in memory as they are in the store or will be with the next commit. A credential has at most
 * `maxPerCredential`; one more ends the one that was closed first.
 */
export function createSessions(options: {
  readonly maxPerCredential: number;
  readonly kept: Iterable<KeptSession>;
  /** A session without `closedAt` lost its connection when the process ended: it counts as closed now. */
  readonly now: EpochMs;
}): Sessions {
  /** By credential, then by client; the one closed first comes first. */
  const credentials = new Map<string, Map<string, Kept>>();

  function of(client: string): Map<string, Kept> | undefined {
    return credentials.get(client.slice(0, client.indexOf("/")));
  }

  function put(session: Kept): void {
    const credential = session.client.slice(0, session.client.indexOf("/"));
    let sessions = credentials.get(credential);
    if (sessions === undefined) credentials.set(credential, (sessions = new Map<string, Kept>()));
    sessions.delete(session.client);
    sessions.set(session.client, session);
  }

  function remove(client: string): boolean {
    const sessions = of(client);
    if (sessions?.delete(client) !== true) return false;
    if (sessions.size === 0) credentials.delete(client.slice(0, client.indexOf("/")));
    return true;
  }

  function isExpired(session: Kept, at: EpochMs): boolean {
    return session.closedAt + session.expiryMs <= at;
  }

  function makeRoom(credential: string, changes: SessionChange[]): void {
    const sessions = credentials.get(credential);
    if (sessions === undefined || sessions.size < options.maxPerCredential) return;
    for (const session of sessions.values()) {
      if (session.closedAt === Infinity) continue;
      sessions.delete(session.client);
      changes.push({ kind: "ended", client: session.client });
      return;
    }
  }

  function open(request: SessionRequest): OpenedSession {
    const { client, expiryMs, at } = request;
    const isDurable = expiryMs > 0;
    const changes: SessionChange[] = [];
    let before = of(client)?.get(client);
    if (before !== undefined && (request.isClean || isExpired(before, at))) {
      remove(client);
      changes.push({ kind: "ended", client });
      before = undefined;
    }
    // Without an expiry a session that is resumed still ends with this connection; until then it stays in the store.
    if (!isDurable && before === undefined)
      return { session: { client, isDurable, openPacketIds: new Set() }, isPresent: false, changes };
    if (before === undefined) makeRoom(request.credential, changes);
    const session: Kept = {
      client,
      isDurable: true,
      openPacketIds: before?.openPacketIds ?? new Set(),
      expiryMs,
      closedAt: Infinity,
    };
    put(session);
    changes.push({ kind: "opened", client, expiryMs, at });
    return { session, isPresent: before !== undefined, changes };
  }

  function close(session: Session, expiryMs: number, at: EpochMs): readonly SessionChange[] {
    const { client } = session;
    const current = of(client)?.get(client);
    if (current !== session || current === undefined) return [];
    if (expiryMs === 0) {
      remove(client);
      return [{ kind: "ended", client }];
    }
    current.expiryMs = expiryMs;
    current.closedAt = at;
    put(current);
    return [{ kind: "closed", client, expiryMs, at }];
  }

  function sweep(at: EpochMs): readonly SessionChange[] {
    const changes: SessionChange[] = [];
    for (const sessions of credentials.values()) {
      for (const session of sessions.values()) {
        if (!isExpired(session, at)) continue;
        remove(session.client);
        changes.push({ kind: "ended", client: session.client });
      }
    }
    return changes;
  }

  const kept = [...options.kept].map((session): Kept => ({
    client: session.client,
    isDurable: true,
    openPacketIds: new Set(session.openPacketIds),
    expiryMs: session.expiryMs,
    closedAt: session.closedAt ?? options.now,
  }));
  for (const session of kept.sort((a, b) => a.closedAt - b.closedAt)) put(session);

  return {
    open,
    close,
    sweep,
    has: (client) => of(client)?.has(client) === true,
    size: () => [...credentials.values()].reduce((sum, sessions) => sum + sessions.size, 0),
  };
}
