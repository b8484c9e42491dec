import { DoorProblem } from "./problem.ts";

/** As it is, or as a string of a structured field (RFC 9651, 3.3.3). */
const keyPattern = /^"?([A-Za-z0-9_.:-]{1,128})"?$/;

/** Of the header `Idempotency-Key`. Throws a `DoorProblem`. */
export function readIdempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = typeof header === "string" ? keyPattern.exec(header.trim())?.[1] : undefined;
  if (key !== undefined) return key;
  throw new DoorProblem("invalid-request", "expected one Idempotency-Key of 1 to 128 letters, digits and _ . : -");
}
