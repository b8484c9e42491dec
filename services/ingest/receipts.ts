import { hash } from "node:crypto";
import type { EpochMs } from "@messnetz/model";

/** What a repeat is known by. */
export interface Delivery {
  readonly client: string;
  readonly packetId: number;
  readonly payloadHash: string;
}

/** What is remembered of a delivery, so that its repeat keeps its time of receipt. */
export interface KeptReceipt extends Delivery {
  readonly receivedAt: EpochMs;
}

export interface Receipts {
  /** When the delivery was first received; undefined where packet id and payload were not seen together since `notBefore`. */
  recall(delivery: Delivery, notBefore?: EpochMs): EpochMs | undefined;
  remember(receipt: KeptReceipt): void;
  /** The client used the packet id for something else: the delivery before it was acknowledged. */
  forget(client: string, packetId: number): void;
  /** Nothing that the client sends is a repeat of what came before. */
  forgetClient(client: string): void;
  /** Drops clients for which `isKept` is false once they have been silent for an hour. */
  sweep(now: EpochMs, isKept: (client: string) => boolean): void;
  size(): number;
}

const hourMs = 3_600_000;
/** Older than an hour only these many per client: more than a window of unacknowledged messages that real clients use. */
const maxOldPerClient = 1024;
/** Over all clients, about 300 bytes each. */
const maxReceipts = 200_000;
/** So much is dropped at once when it is full: looking for the oldest costs more than dropping it. */
const droppedShare = 1 / 200;

/** Names topic and payload of a delivery. `mark` stands for the topic. SHA-256, cut to 128 bits. */
export function payloadHash(mark: string, payload: Uint8Array): string {
  return mark + hash("sha256", payload, "base64url").slice(0, 22);
}

interface Trace {
  readonly payloadHash: string;
  readonly receivedAt: EpochMs;
}

/**
 * The memory of deliveries (DESIGN 2): a publish repeated with DUP, the same client, packet id, topic and payload keeps its first time of
 * receipt. Per client every packet id of the last hour, older only the newest 1,024; over all at most `most`: the client that was silent
 * longest loses its oldest first. A client whose session is not kept recalls what is at most 24 hours old: a delivery that was finished
 * must not swallow a new message that looks the same. A kept session may repeat after any time (MQTT 5.0, 4.4).
 */
export function createReceipts(kept: Iterable<KeptReceipt> = [], most = maxReceipts): Receipts {
  /** Per client by packet id, the newest last; so are the clients. */
  const clients = new Map<string, Map<number, Trace>>();
  let newestClient = "";
  let count = 0;

  /** The client's traces, which it becomes the newest with. */
  function tracesOf(client: string): Map<number, Trace> {
    const traces = clients.get(client) ?? new Map<number, Trace>();
    if (client === newestClient && traces.size > 0) return traces;
    newestClient = client;
    clients.delete(client);
    clients.set(client, traces);
    return traces;
  }

  function remember({ client, packetId, payloadHash: payload, receivedAt }: KeptReceipt): void {
    const traces = tracesOf(client);
    if (!traces.delete(packetId)) count++;
    traces.set(packetId, { payloadHash: payload, receivedAt });
    if (traces.size > maxOldPerClient) prune(traces, receivedAt);
    if (count > most) makeRoom();
  }

  function prune(traces: Map<number, Trace>, now: EpochMs): void {
    for (const [packetId, trace] of traces) {
      if (traces.size <= maxOldPerClient || trace.receivedAt >= now - hourMs) return;
      traces.delete(packetId);
      count--;
    }
  }

  function makeRoom(): void {
    const wanted = Math.floor(most * (1 - droppedShare));
    for (const [client, traces] of clients) {
      for (const packetId of traces.keys()) {
        if (count <= wanted) return;
        traces.delete(packetId);
        count--;
      }
      clients.delete(client);
    }
  }

  function sweep(now: EpochMs, isKept: (client: string) => boolean): void {
    for (const [client, traces] of clients) {
      if (isKept(client)) continue;
      let newest = 0;
      for (const trace of traces.values()) newest = Math.max(newest, trace.receivedAt);
      if (newest > now - hourMs) continue;
      count -= traces.size;
      clients.delete(client);
    }
  }

  for (const receipt of [...kept].sort((a, b) => a.receivedAt - b.receivedAt)) remember(receipt);

  return {
    recall({ client, packetId, payloadHash: payload }, notBefore = Number.NEGATIVE_INFINITY) {
      const trace = clients.get(client)?.get(packetId);
      return trace?.payloadHash === payload && trace.receivedAt >= notBefore ? trace.receivedAt : undefined;
    },
    remember,
    forget(client, packetId) {
      const traces = clients.get(client);
      if (traces?.delete(packetId) !== true) return;
      count--;
      if (traces.size === 0) clients.delete(client);
    },
    forgetClient(client) {
      count -= clients.get(client)?.size ?? 0;
      clients.delete(client);
    },
    sweep,
    size: () => count,
  };
}
