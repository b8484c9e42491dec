import type { BusMessage, Subscription } from "@messnetz/bus";
import type { InfluxStore, PartitionLedger, QuarantineKeeper } from "@messnetz/store";

/** What the stations here look at of a message of the bus. */
export type StreamMessage = Omit<BusMessage, "domain">;

/** Messages of one partition in the order of the stream. */
export type Source = Omit<Subscription, "next"> & { next(signal: AbortSignal): Promise<readonly StreamMessage[]> };

/** The ledger of one partition, claimed by this process. */
export type PartitionBook = Omit<PartitionLedger, "partition">;

/** A store that tells first what is new and writes then. */
export type PreparingStore = Pick<InfluxStore, "prepare">;

export type Keeper = QuarantineKeeper;
