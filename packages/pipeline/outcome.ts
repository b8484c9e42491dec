import type { Aftermath } from "@messnetz/formats";
import { type Reading, type Refusal, refusal } from "@messnetz/model";
import type { Chosen } from "./decode.ts";
import type { RoadResult } from "./road.ts";

/** What the road passes on of what a format wants beside its readings. */
export function aftermathOf(
  { remember, request }: Aftermath,
  chosen: Chosen,
): Pick<RoadResult, "remembered" | "request" | "delivery" | "isCopy"> | undefined {
  if (remember === undefined && request === undefined) return deliveryOf(chosen);
  return {
    ...(remember !== undefined && { remembered: { format: chosen.format.name, list: remember } }),
    ...(request !== undefined && { request }),
    ...deliveryOf(chosen),
  };
}

export function deliveryOf({ delivery, isCopy }: Chosen): Pick<RoadResult, "delivery" | "isCopy"> | undefined {
  if (delivery === undefined) return undefined;
  return isCopy === undefined ? { delivery } : { delivery, isCopy };
}

/** A message can have thousands of readings that are all wrong in the same way; some tell it, and the bytes are kept. */
const maxRefusals = 20;
const maxNameLength = 200;

export function firstOf(refusals: readonly Refusal[]): readonly Refusal[] {
  const more = refusals.length - maxRefusals;
  if (more <= 0) return refusals;
  const { code, expected } = refusals[maxRefusals]!;
  return [...refusals.slice(0, maxRefusals), refusal(code, expected, `and ${more} more refusals of this message`)];
}

export function aboutReading(reason: Refusal, { name, device }: Reading): Refusal {
  return { ...reason, reading: name.slice(0, maxNameLength), device: device.slice(0, maxNameLength) };
}
