import type { EpochMs, Reading, ReadingTime } from "@messnetz/model";
import { decimalOf } from "./decimal.ts";
import { instantOf } from "./instant.ts";

const propertyKey = /^[a-z][a-z0-9_]{0,62}$/u;
/** Names under which agents and devices of FIWARE send the time of a measure. */
const timeNames: ReadonlySet<string> = new Set([
  "TimeInstant",
  "timeinstant",
  "tt",
  "ts",
  "time",
  "timestamp",
  "dateObserved",
]);
/** What stands for no value. */
const none: ReadonlySet<unknown> = new Set(["None", "none", "null", "Null", "NULL", "", null]);
const words: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ["true", true],
  ["false", false],
]);
const printable = /^[^\p{C}]{1,256}$/u;

/**
 * Readings of attributes that belong together: name and value, the value as text or as JSON has it. One of them may be the time. Lists and
 * objects are configuration or places, no results, and are left out; units stand in the registry.
 */
export function attributeReadings(
  attributes: Iterable<readonly [name: string, value: unknown]>,
  { device, instant }: { readonly device: string; readonly instant: EpochMs | undefined },
): Reading[] {
  const found: { name: string; value: number | boolean | string }[] = [];
  let time: ReadingTime | undefined = instant === undefined ? undefined : { instant };
  for (const [name, raw] of attributes) {
    if (timeNames.has(name)) {
      const own = timeOf(raw);
      if (own !== undefined) {
        time ??= own;
        continue;
      }
    }
    const value = valueOf(raw);
    if (value !== undefined && name !== "" && printable.test(name)) found.push({ name, value });
  }
  return found.map(({ name, value }) => ({
    device,
    name,
    value,
    ...(propertyKey.test(name) && { property: name }),
    ...(time !== undefined && { time }),
  }));
}

/** ISO 8601, without separators too, and of a clock that tells no zone. */
const timeParts = /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:\.\d{1,9})?(Z?)$/u;

function timeOf(raw: unknown): ReadingTime | undefined {
  const zoned = instantOf(raw);
  if (zoned !== undefined) return { instant: zoned };
  const parts = typeof raw === "string" ? timeParts.exec(raw.trim()) : null;
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second, zone] = parts;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const instant = instantOf(`${local}Z`);
  if (instant === undefined) return undefined;
  return zone === "Z" ? { instant } : { local };
}

function valueOf(raw: unknown): number | boolean | string | undefined {
  if (none.has(raw)) return undefined;
  if (typeof raw === "boolean") return raw;
  const number = decimalOf(raw);
  if (number !== undefined) return number;
  if (typeof raw !== "string" || /^\s*[[{]/u.test(raw)) return undefined;
  return words.get(raw.trim()) ?? (printable.test(raw) ? raw : undefined);
}
