import type { DeliveryReceipt, IntakeBatch, IntakeMessage, IntakeResult, SessionChange } from "@messnetz/model";
import type { Publisher } from "@messnetz/bus";
import type { KeptReceipt } from "./receipts.ts";
import type { KeptSession } from "./sessions.ts";

/** A publisher for trials that keeps what it commits, and can be told to fail or to hang. */
export interface TrialPublisher extends Publisher {
  readonly batches: IntakeBatch[];
  messages(): IntakeMessage[];
  receipts(): DeliveryReceipt[];
  changes(): SessionChange[];
  /** How often `publish` was called. */
  attempts(): number;
  /** From now on. `hang` answers nothing until `commit` is set again, then commits what hung. */
  become(mood: "commit" | "fail" | "hang"): void;
  /** What a start after kill -9 would load. */
  snapshot(): { readonly sessions: KeptSession[]; readonly receipts: KeptReceipt[] };
}

export function createTrialPublisher(): TrialPublisher {
  const batches: IntakeBatch[] = [];
  let mood: "commit" | "fail" | "hang" = "commit";
  let attempts = 0;
  let release: (() => void)[] = [];

  function snapshot(): { sessions: KeptSession[]; receipts: KeptReceipt[] } {
    const sessions = new Map<string, { expiryMs: number; closedAt?: number }>();
    const open = new Map<string, Set<number>>();
    const receipts = new Map<string, KeptReceipt>();
    for (const batch of batches) {
      for (const change of batch.sessions) {
        if (change.kind === "opened") sessions.set(change.client, { expiryMs: change.expiryMs });
        else if (change.kind === "closed")
          sessions.set(change.client, { expiryMs: change.expiryMs, closedAt: change.at });
        else if (change.kind === "received")
          open.set(change.client, (open.get(change.client) ?? new Set()).add(change.packetId));
        else if (change.kind === "released") open.get(change.client)?.delete(change.packetId);
        else {
          sessions.delete(change.client);
          open.delete(change.client);
        }
      }
      for (const receipt of batch.receipts) receipts.set(`${receipt.client} ${receipt.packetId}`, receipt);
    }
    return {
      sessions: Array.from(sessions, ([client, { expiryMs, closedAt }]) => {
        const openPacketIds = [...(open.get(client) ?? [])];
        return closedAt === undefined
          ? { client, expiryMs, openPacketIds }
          : { client, expiryMs, closedAt, openPacketIds };
      }),
      receipts: [...receipts.values()],
    };
  }

  return {
    batches,
    messages: () => batches.flatMap((batch) => batch.messages),
    receipts: () => batches.flatMap((batch) => batch.receipts),
    changes: () => batches.flatMap((batch) => batch.sessions),
    attempts: () => attempts,
    snapshot,
    become(next) {
      mood = next;
      const waiting = release;
      release = [];
      for (const resolve of waiting) resolve();
    },
    async publish(batch): Promise<IntakeResult> {
      attempts++;
      // A commit takes a turn of the event loop at least, as the real one does.
      await new Promise<void>((resolve) => {
        if (mood === "hang") release.push(resolve);
        else setImmediate(resolve);
      });
      if (mood === "fail") throw new Error("the disk is full");
      batches.push({
        messages: [...batch.messages],
        receipts: [...batch.receipts],
        sessions: [...batch.sessions],
        deliveries: [...(batch.deliveries ?? [])],
      });
      const observations = batch.messages.reduce((sum, { observations: list }) => sum + list.length, 0);
      const outcomes = {
        stored: batch.messages.length,
        partial: 0,
        skipped: 0,
        duplicate: 0,
        quarantined: 0,
        refused: 0,
      };
      return { outcomes, observations, ends: batch.messages.map(() => "stored") };
    },
  };
}
