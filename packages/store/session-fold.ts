import {
  type DeliveryReceipt,
  type EpochMs,
  type IntakeBatch,
  neverExpiresMs,
  type SeenDelivery,
  type SessionChange,
} from "@messnetz/model";
import { KeptDeliveries } from "./kept-deliveries.ts";
import { keptReceipts, type Receipt, type ReceiptLimits, receiptLimits } from "./kept-receipts.ts";
import type { OpenSession, SessionSnapshot } from "./port.ts";

interface Session {
  /** When it began. */
  readonly since: EpochMs;
  expiryMs: number;
  closedAt: EpochMs | undefined;
  readonly openPacketIds: Set<number>;
}

function isExpired(session: Session, now: EpochMs): boolean {
  return (
    session.closedAt !== undefined && session.expiryMs !== neverExpiresMs && session.closedAt + session.expiryMs <= now
  );
}

/**
 * The state of all sessions, from their events in order. Of one batch the changes come before the receipts, so a packet id
 * that is opened by a receipt (QoS 2) stays open; where its order among the changes matters, the change `received` says it.
 */
export class SessionFold {
  readonly #sessions = new Map<string, Session>();
  /** By client and packet id; order of insertion is order of arrival. */
  readonly #receipts = new Map<string, Map<number, Receipt>>();
  readonly #deliveries = new KeptDeliveries();
  readonly #limits: ReceiptLimits;

  constructor(limits: ReceiptLimits = receiptLimits) {
    this.#limits = limits;
  }

  apply(change: SessionChange): void {
    const session = this.#sessions.get(change.client);
    switch (change.kind) {
      case "opened":
      case "closed": {
        const lives = session !== undefined && !isExpired(session, change.at);
        const openPacketIds = lives ? session.openPacketIds : new Set<number>();
        const since = lives ? session.since : change.at;
        const closedAt = change.kind === "closed" ? change.at : undefined;
        this.#sessions.set(change.client, { since, expiryMs: change.expiryMs, closedAt, openPacketIds });
        return;
      }
      case "ended":
        this.#sessions.delete(change.client);
        return;
      case "received":
        session?.openPacketIds.add(change.packetId);
        return;
      case "released":
        session?.openPacketIds.delete(change.packetId);
        return;
    }
  }

  receive({ client, packetId, payloadHash, receivedAt, qos }: DeliveryReceipt): void {
    if (qos === 2) {
      this.apply({ kind: "received", client, packetId });
      return;
    }
    let receipts = this.#receipts.get(client);
    if (receipts === undefined) this.#receipts.set(client, (receipts = new Map<number, Receipt>()));
    receipts.delete(packetId);
    receipts.set(packetId, { client, packetId, payloadHash, receivedAt });
  }

  see(delivery: SeenDelivery): void {
    this.#deliveries.add(delivery);
  }

  /** Without what has expired by now: sessions sorted as they were first opened, receipts in order of arrival per client. */
  snapshot(now: EpochMs): SessionSnapshot {
    const sessions: OpenSession[] = [];
    for (const [client, session] of this.#sessions) {
      if (isExpired(session, now)) continue;
      const { expiryMs, closedAt, openPacketIds } = session;
      const open = [...openPacketIds].sort((a, b) => a - b);
      sessions.push({ client, expiryMs, openPacketIds: open, ...(closedAt === undefined ? {} : { closedAt }) });
    }
    const deliveries = this.#receipts.entries().map(([client, ofClient]) => {
      const session = this.#sessions.get(client);
      const sessionSince = session === undefined || isExpired(session, now) ? undefined : session.since;
      return { receipts: ofClient.values(), sessionSince };
    });
    const receipts = keptReceipts(deliveries, this.#limits, now);
    return { sessions, receipts, deliveries: this.#deliveries.list(now) };
  }

  /** The shortest history that comes to the same from `now` on. */
  history(now: EpochMs): Omit<IntakeBatch, "messages"> & Pick<SessionSnapshot, "deliveries"> {
    const { sessions, receipts, deliveries } = this.snapshot(now);
    const changes: SessionChange[] = [];
    for (const { client, expiryMs, closedAt, openPacketIds } of sessions) {
      changes.push({ kind: "opened", client, expiryMs, at: this.#sessions.get(client)?.since ?? now });
      for (const packetId of openPacketIds) changes.push({ kind: "received", client, packetId });
      if (closedAt !== undefined) changes.push({ kind: "closed", client, expiryMs, at: closedAt });
    }
    return { sessions: changes, receipts: receipts.map((receipt) => ({ ...receipt, qos: 1 })), deliveries };
  }
}
