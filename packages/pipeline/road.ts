import type { DeviceRequest, NetworkDelivery, Remembered } from "@messnetz/formats";
import type { DeviceAndThing, Observation, RawMessage, Reading, Refusal } from "@messnetz/model";
import type { Route } from "./lanes.ts";

/** What the road makes of one message. */
export interface RoadResult {
  /** External id of the first device that the registry has, or that was adopted; empty otherwise: made-up ids must not fill the ledger. */
  readonly device: string;
  readonly observations: readonly Observation[];
  /** Not empty: the message belongs in the quarantine, with its observations stored all the same. */
  readonly refusals: readonly Refusal[];
  /** A result hangs on the time of receipt: a repeated delivery must keep the first one. */
  readonly receiptTimed: boolean;
  /** Things that an adoption rule creates: to be registered before the observations are published. */
  readonly adopted: readonly DeviceAndThing[];
  /** What the format wants to be remembered of the source: durable before the message is acknowledged. */
  readonly remembered?: { readonly format: string; readonly list: readonly Remembered[] };
  /** What the format would like the device to get, where a broker can pass it on. */
  readonly request?: DeviceRequest;
  /** What the network knows the delivery by, where it says so. */
  readonly delivery?: Delivery;
  /** The delivery has come before: nothing was read. */
  readonly isCopy?: true;
}

/** Two operators' networks may name things alike. */
export interface Delivery extends NetworkDelivery {
  readonly operator: string;
  readonly format: string;
}

/** decode ▸ normalise ▸ assess. Never throws for anything that a message may hold. */
export type Road = (message: RawMessage) => RoadResult;

/** What became of one reading: where it was to go, and what came of it there. */
export interface ReadingSeen {
  readonly reading: Reading;
  readonly outcome: Route | Refusal;
  readonly came: Observation | Refusal;
}
