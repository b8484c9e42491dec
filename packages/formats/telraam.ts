import { type EpochMs, type Reading, type Refusal, refusal } from "@messnetz/model";
import { deviceIdOf } from "./device-word.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { instantOf } from "./instant.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { countReadings } from "./telraam-counts.ts";

/** A quarter of a year by the hour; the API gives at most three months. */
const maxRecords = 2_500;

/**
 * Counts of Telraam, cameras behind windows of houses: the report of the API, passed on by a bridge, or a single record of it, also in the
 * words of the first version (`lorry`, `pct_up`). `date` is the begin of the interval; counts are extrapolated from the share of time that
 * the camera saw (`uptime`), so they have fractions, and an interval of which it saw less than half is doubtful. The device is the street
 * segment.
 */
export const telraam: PayloadFormat = {
  name: "telraam",
  revision: 1,
  topics: ["#"],
  specification: "https://documenter.getpostman.com/view/8210376/TWDRqyaV",
  recognises: (message) => {
    if (message.payload[0] !== openObject) return false;
    const payload = message.json();
    return isJsonObject(payload) && (isReport(payload) || isRecord(payload));
  },
  decode,
};

const openObject = 0x7b;

/** The report is empty where nothing was counted; the envelope of the API tells it then. */
function isReport({ report, status_code: status }: JsonObject): boolean {
  return Array.isArray(report) && (report.length === 0 ? status !== undefined : isRecord(report[0]));
}

function isRecord(value: unknown): boolean {
  if (!isJsonObject(value) || !("date" in value) || !("segment_id" in value || "instance_id" in value)) return false;
  return "uptime" in value || "pct_up" in value;
}

function decode(message: Message): Decoded | Refusal {
  const payload = message.json();
  if (!isJsonObject(payload)) return malformed(message, "a JSON object: a report of Telraam", payload);
  const { report } = payload;
  if (!Array.isArray(report) && !isRecord(payload)) {
    return refusal("malformed", "`report` as a list, or one record with date, segment_id and uptime", payload);
  }
  const records: readonly unknown[] = Array.isArray(report) ? report : [payload];
  if (records.length > maxRecords) {
    return refusal("too_large", `at most ${maxRecords} records`, `${records.length} records`);
  }
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  for (const record of records) {
    const found = readRecord(record);
    if ("code" in found) refusals.push(found);
    else readings.push(...found);
  }
  return readings.length + refusals.length === 0 ? { skip: "a report without a record" } : { readings, refusals };
}

function readRecord(record: unknown): readonly Reading[] | Refusal {
  if (!isJsonObject(record)) return refusal("malformed", "a record of a report", record);
  const device = deviceOf(record);
  if (device === undefined) return refusal("malformed", "`segment_id` or `instance_id`", record);
  const { date, interval = "hourly", timezone } = record;
  const begin = instantOf(typeof date === "string" ? date.replace(" ", "T") : date);
  if (begin === undefined) return { ...refusal("invalid_time", "`date` as ISO 8601 with a zone", date), device };
  const end = endOf(begin, interval, timezone);
  if (end === undefined) {
    const expected = "`interval` hourly, quarterly or daily, the last with a `timezone` of the IANA database";
    return { ...refusal("malformed", expected, { interval, timezone }), device };
  }
  return countReadings(record, { device, time: { instant: end }, intervalMs: end - begin });
}

/** A segment, or -1 and the camera (instance) that was asked for; the first version writes it as text. */
function deviceOf({ segment_id: segment, instance_id: instance }: JsonObject): string | undefined {
  if (isId(segment)) return deviceIdOf("telraam", String(segment));
  return isId(instance) ? deviceIdOf("telraam", `instance/${instance}`) : undefined;
}

function isId(value: unknown): value is number | string {
  return (typeof value === "number" && value > 0) || (typeof value === "string" && /^\w{1,32}$/u.test(value));
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

function endOf(begin: EpochMs, interval: unknown, timeZone: unknown): EpochMs | undefined {
  if (interval === "hourly") return begin + hourMs;
  if (interval === "quarterly") return begin + 15 * minuteMs;
  if (interval !== "daily" || typeof timeZone !== "string") return undefined;
  const offset = offsetOf(begin, timeZone);
  if (offset === undefined) return undefined;
  // A day of the zone has 23 to 25 hours.
  return begin + dayMs + offset - (offsetOf(begin + dayMs, timeZone) ?? offset);
}

/** How far the zone's clock is ahead of UTC; undefined for a zone that is none. */
function offsetOf(instant: EpochMs, timeZone: string): number | undefined {
  try {
    const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).formatToParts(instant);
    const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign, hours, minutes] = /^GMT(?:([+-])(\d\d):(\d\d))?$/u.exec(name) ?? [];
    if (hours === undefined || minutes === undefined) return 0;
    return (sign === "-" ? -1 : 1) * (Number(hours) * hourMs + Number(minutes) * minuteMs);
  } catch {
    return undefined; // RangeError: no zone of that name, or no instant
  }
}
