import type { Aftermath } from "@messnetz/formats";
import { type Reading, type Refusal, refusal } from "@messnetz/model";
import type { RoadResult } from "./road.ts";

/** What the road passes on of what a format wants beside its readings. */
export function aftermathOf(
  { remember, request }: Aftermath,
  format: string,
): Pick<RoadResult, "remembered" | "request"> | undefined {
  if (remember === undefined && request === undefined) return undefined;
  return {
    ...(remember !== undefined && { remembered: { format, list: remember } }),
    ...(request !== undefined && { request }),
  };
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
