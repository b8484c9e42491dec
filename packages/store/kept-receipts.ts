import type { EpochMs } from "@messnetz/model";
import type { SessionSnapshot } from "./port.ts";

export type Receipt = SessionSnapshot["receipts"][number];

export interface ReceiptLimits {
  /** So long a receipt is kept whether its client has a session or not. */
  readonly maxAgeMs: number;
  /** The newest of a client with a session, however old they are. */
  readonly perClient: number;
  /** Of all clients together, so that client ids that are used once do not fill the memory. */
  readonly overall: number;
}

export const receiptLimits: ReceiptLimits = { maxAgeMs: 3_600_000, perClient: 1024, overall: 200_000 };

/** What one client delivered, in order of arrival, and since when its session lives, where it has one. */
export interface Deliveries {
  readonly receipts: Iterable<Receipt>;
  readonly sessionSince: EpochMs | undefined;
}

/** Those that count at `now`, in their order. What is dropped never counts again, so it does not matter when it is looked at. */
export function keptReceipts(all: Iterable<Deliveries>, limits: ReceiptLimits, now: EpochMs): Receipt[] {
  const kept: Receipt[] = [];
  for (const deliveries of all) for (const receipt of keptOfClient(deliveries, limits, now)) kept.push(receipt);
  return newest(kept, limits.overall);
}

function* keptOfClient(deliveries: Deliveries, limits: ReceiptLimits, now: EpochMs): Generator<Receipt> {
  const { receipts, sessionSince = Number.POSITIVE_INFINITY } = deliveries;
  const young = now - limits.maxAgeMs;
  // What was old already when the session began belongs to an earlier one.
  const oldest = Math.min(young, sessionSince - limits.maxAgeMs);
  const candidates = [...receipts].filter(({ receivedAt }) => receivedAt > oldest);
  let older = candidates.length - limits.perClient;
  for (const receipt of candidates) {
    if (older <= 0 || receipt.receivedAt > young) yield receipt;
    older -= 1;
  }
}

function newest(receipts: Receipt[], count: number): Receipt[] {
  const dropped = receipts.length - count;
  if (dropped <= 0) return receipts;
  const times = Float64Array.from(receipts, ({ receivedAt }) => receivedAt).sort();
  const oldest = times[dropped] ?? Number.POSITIVE_INFINITY;
  let simultaneous = dropped - times.indexOf(oldest);
  return receipts.filter(({ receivedAt }) => receivedAt > oldest || (receivedAt === oldest && simultaneous-- <= 0));
}
