import type { Device, EpochMs, Thing } from "@messnetz/model";
import type { Measured, Writer } from "./emission.ts";

/** A device of the town, and what it measures when. */
export interface SimulatedDevice {
  /** External id. */
  readonly id: string;
  /** Id of the credential that publishes for it. */
  readonly source: string;
  /** Absent: the thing comes into being by the credential's adoption rule. */
  readonly thing?: Thing;
  /** What the registry must know of it beyond id and thing. */
  readonly registration?: Omit<Device, "id" | "thing">;
  readonly intervalMs: number;
  /** The same for the same instant, whenever it is asked. Empty: it is silent. */
  measure(at: EpochMs): readonly Measured[];
  readonly write: Writer;
  /** Word and code of "no value", where the device's maker documents one. */
  readonly sentinel?: { readonly word: string; readonly code: number };
}
