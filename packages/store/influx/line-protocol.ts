import { type Observation, qualities } from "@messnetz/model";
import { maxOrdinal, maxTime, minTime, nanosecondsText } from "./nanoseconds.ts";

/**
 * Fields that an observation may lack, by the bit that says so in `stale`. A point that is written again keeps the fields that the new
 * line does not have, so a correction names those that no longer count.
 */
export const staleBits = { checks: 1, device_time: 2, interval: 4, state: 8, value: 16 } as const;

const specialInName = /[, =\n\r\t\\]/g;
const specialInNameTest = /[, =\n\r\t\\]/;
const escapes: Readonly<Record<string, string>> = {
  ",": "\\,",
  " ": "\\ ",
  "=": "\\=",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\\": "\\",
};

/** A tag key or value of the line protocol. The protocol has no escape for a backslash; it must not be the last character. */
export function escapeTag(text: string): string {
  return specialInNameTest.test(text) ? text.replace(specialInName, (one) => escapes[one]!) : text;
}

/** A measurement: as a tag, but `=` stands as it is. */
export function escapeMeasurement(text: string): string {
  return specialInNameTest.test(text)
    ? text.replace(specialInName, (one) => (one === "=" ? one : escapes[one]!))
    : text;
}

/** A string field with its quotes. */
export function quoteField(text: string): string {
  return text.includes('"') || text.includes("\\") ? `"${text.replace(/["\\]/g, String.raw`\$&`)}"` : `"${text}"`;
}

export interface SeriesKey {
  readonly property: string;
  readonly domain: string;
  readonly thing: string;
  readonly channel?: string | undefined;
}

/** The part of a line that stays the same for a series, with the blank behind it. Tags in the order of their keys. */
export function seriesPrefix({ property, domain, thing, channel }: SeriesKey): string {
  const ofChannel = channel === undefined ? "" : `,channel=${escapeTag(channel)}`;
  const ofDomain = domain === "" ? "" : `,domain=${escapeTag(domain)}`;
  return `${escapeMeasurement(property)}${ofChannel}${ofDomain},thing=${escapeTag(thing)} `;
}

const qualityCode = { good: 0, suspect: 1, bad: 2 } as const;
/** What a point without the field has: nearly all are good and of their decoding's first revision, and each field costs InfluxDB as much as a point. */
export const usual = { quality: qualityCode.good, revision: 1 } as const;

/** Lines behind `seriesPrefix`: fields in the order of their names, the time in nanoseconds. */
export interface FieldWriter {
  /** What is usual is left out. */
  toFields(observation: Observation): string;
  /** The same for a point that is there already. It says all, since it may have had what is not usual. */
  toCorrectingFields(observation: Observation): string;
}

/** Remembers the last texts of times: neighbours are mostly of one message, and a number of 13 digits costs more than the rest of its line. */
export function createFieldWriter(): FieldWriter {
  let received = Number.NaN;
  let receivedText = "";
  let time = Number.NaN;
  let timeText = "";

  function receivedField({ resultTime }: Observation): string {
    if (resultTime !== received) {
      received = resultTime;
      receivedText = `received=${resultTime}`;
    }
    return receivedText;
  }

  function timeOf({ phenomenonTime, ordinal }: Observation): string {
    if (ordinal !== 0) return ` ${nanosecondsText(phenomenonTime, ordinal)}`;
    if (phenomenonTime !== time) {
      time = phenomenonTime;
      timeText = ` ${nanosecondsText(phenomenonTime, 0)}`;
    }
    return timeText;
  }

  return {
    toFields(observation) {
      const { checks, deviceTime, intervalStart, quality, revision } = observation;
      const rare =
        checks.length === 0 && intervalStart === undefined && deviceTime === undefined ? "" : rareFields(observation);
      const ofQuality = quality === "good" ? "" : `quality=${qualityCode[quality]},`;
      const ofRevision = revision === usual.revision ? "" : `,revision=${revision}`;
      const common = rare + ofQuality + receivedField(observation) + ofRevision;
      return common + resultField(observation) + timeOf(observation);
    },
    toCorrectingFields(observation) {
      const { quality, revision } = observation;
      const common = `quality=${qualityCode[quality]},${receivedField(observation)},revision=${revision}`;
      const stale = staleFields(observation);
      return `${rareFields(observation)}${common},stale=${stale}${resultField(observation)}${timeOf(observation)}`;
    },
  };
}

function resultField({ result }: Observation): string {
  return typeof result === "number" ? `,value=${result}` : `,state=${quoteField(result)}`;
}

function rareFields({ checks, deviceTime, intervalStart, phenomenonTime }: Observation): string {
  const ofChecks = checks.length === 0 ? "" : `checks="${checks.join(" ")}",`;
  const ofDevice = deviceTime === undefined ? "" : `device_time=${deviceTime},`;
  return `${ofChecks}${ofDevice}${intervalStart === undefined ? "" : `interval=${phenomenonTime - intervalStart},`}`;
}

function staleFields({ checks, deviceTime, intervalStart, result }: Observation): number {
  return (
    (checks.length === 0 ? staleBits.checks : 0) |
    (deviceTime === undefined ? staleBits.device_time : 0) |
    (intervalStart === undefined ? staleBits.interval : 0) |
    (typeof result === "number" ? staleBits.state : staleBits.value)
  );
}

/** Why no line can say what the observation says; undefined where one can. */
export function unspeakable({
  phenomenonTime,
  ordinal,
  result,
  quality,
  resultTime,
  revision,
}: Observation): string | undefined {
  if (typeof result === "number") {
    if (!Number.isFinite(result)) return `expected a finite result, came ${result}`;
  } else if (!result.isWellFormed())
    return "expected a word in well-formed Unicode, came one with half a surrogate pair";
  if (!Number.isSafeInteger(phenomenonTime) || phenomenonTime < minTime || phenomenonTime > maxTime) {
    return `expected a phenomenon time of the years 1678 to 2262 in whole milliseconds, came ${phenomenonTime}`;
  }
  if (!Number.isSafeInteger(ordinal) || ordinal < 0 || ordinal > maxOrdinal) {
    return `expected an ordinal of 0 to ${maxOrdinal}, came ${ordinal}`;
  }
  if (!qualities.includes(quality)) return `expected a quality, came another`;
  if (!Number.isFinite(resultTime)) return `expected a time of receipt, came ${resultTime}`;
  return Number.isFinite(revision) ? undefined : `expected a revision, came ${revision}`;
}
