import { hash } from "node:crypto";
import type { EpochMs } from "@messnetz/model";

/** What is remembered of a delivery, so that its repeat keeps its time of receipt. */
export interface KeptReceipt {
  readonly client: string;
  readonly packetId: number;
  readonly payloadHash: string;
  readonly receivedAt: EpochMs;
}

export interface Receipts {
  /** When the delivery was first received; undefined where packet id and payload were not seen together. */
  recall(client: string, packetId: number, payloadHash: string): EpochMs | undefined;
  remember(receipt: KeptReceipt): void;
  /** The client used the packet id for something else: the delivery before it was acknowledged. */
  forget(client: string, packetId: number): void;
  /** Drops clients for which `isKept` is false once they have been silent for an hour. */
  sweep(now: EpochMs, isKept: (client: string) => boolean): void;
  size(): number;
}

const hourMs = 3_600_000;
/** Older than an hour only these many per client: more than a window of unacknowledged messages that real clients use. */
const maxOldPerClient = 1024;
/** Over all clients, about 300 bytes each; when full, each client keeps its newest. */
const maxReceipts = 200_000;
const minPerClient = 64;

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
 * receipt. Per client every packet id of the last hour, older only the newest 1,024; over all at most 200,000.
 */
export function createReceipts(kept: Iterable<KeptReceipt> = []): Receipts {
  /** Per client by packet id, the newest last. */
  const clients = new Map<string, Map<number, Trace>>();
  let count = 0;

  function remember(receipt: KeptReceipt): void {
    let traces = clients.get(receipt.client);
    if (traces === undefined) clients.set(receipt.client, (traces = new Map<number, Trace>()));
    if (!traces.delete(receipt.packetId)) count++;
    traces.set(receipt.packetId, { payloadHash: receipt.payloadHash, receivedAt: receipt.receivedAt });
    if (traces.size > minPerClient) prune(traces, receipt.receivedAt);
  }

  function prune(traces: Map<number, Trace>, now: EpochMs): void {
    const mostHere = count > maxReceipts ? Math.max(minPerClient, Math.floor(maxReceipts / clients.size)) : Infinity;
    for (const [packetId, trace] of traces) {
      const isOld = traces.size > maxOldPerClient && trace.receivedAt < now - hourMs;
      if (!isOld && traces.size <= mostHere) return;
      traces.delete(packetId);
      count--;
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
    recall(client, packetId, payload) {
      const trace = clients.get(client)?.get(packetId);
      return trace?.payloadHash === payload ? trace.receivedAt : undefined;
    },
    remember,
    forget(client, packetId) {
      const traces = clients.get(client);
      if (traces?.delete(packetId) !== true) return;
      count--;
      if (traces.size === 0) clients.delete(client);
    },
    sweep,
    size: () => count,
  };
}
