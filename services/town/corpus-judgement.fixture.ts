import { convert } from "@messnetz/model";
import type { CorpusRow, Expected } from "./corpus-row.fixture.ts";
import type { ObservationRow } from "./town-client.fixture.ts";

/**
 * `exact`: everything expected came, or a message to skip or refuse gave nothing; `wrong`: a reading came out with another value than
 * expected; `refused`: nothing came; `partly`: some came.
 */
export type Verdict = "exact" | "partly" | "wrong" | "refused";

export interface Judgement {
  readonly verdict: Verdict;
  readonly differences: readonly string[];
  /** What came beyond what was expected. */
  readonly beyond: readonly string[];
}

const relativeTolerance = 1e-6;
/** Times are cut to milliseconds. */
const timeToleranceMs = 1;

/** Compares what a row expects with the observations that came of it. */
export function judge(row: CorpusRow, came: readonly ObservationRow[]): Judgement {
  if (row.expect_status !== undefined && row.expect.length === 0) {
    return came.length === 0
      ? { verdict: "exact", differences: [], beyond: [] }
      : { verdict: "wrong", differences: [`expected none (${row.expect_status})`], beyond: came.map(name) };
  }
  // A sentinel: nothing is to be stored for it, or a flagged gap.
  const wanted = row.expect.filter((expected) => expected.value !== null && expected.quality !== "invalid");
  const unused = new Set(came);
  const missing: Expected[] = [];
  for (const expected of wanted) {
    const hit = came.find((observation) => unused.has(observation) && isSame(expected, observation));
    if (hit === undefined) missing.push(expected);
    else unused.delete(hit);
  }
  const sentinels = row.expect.filter(
    (expected) => expected.quality === "invalid" && typeof expected.value === "number",
  );
  const stored = sentinels.filter((expected) => came.some((one) => one.quality === "good" && isSame(expected, one)));
  const differences = [
    ...missing.map((expected) => `missing ${describe(expected)}`),
    ...stored.map((expected) => `stored as good: ${describe(expected)}`),
  ];
  const beyond = [...unused].map(name);
  if (differences.length === 0) return { verdict: "exact", differences, beyond };
  // What came in place of a missing reading: commensurable, and explained by nothing else that was expected.
  const rivals = missing.filter((expected) =>
    [...unused].some((one) => toUnit(one, expected.unit) !== undefined && isSimilar(expected, one)),
  );
  if (rivals.length > 0 || stored.length > 0) return { verdict: "wrong", differences, beyond };
  return { verdict: came.length === 0 ? "refused" : "partly", differences, beyond };
}

function isSame(expected: Expected, came: ObservationRow): boolean {
  if (expected.phase !== undefined && came.channel?.includes(expected.phase) !== true) return false;
  if (!isSameTime(expected, came)) return false;
  if (typeof expected.value === "string")
    return came.result === expected.value.toLowerCase() || came.result === expected.value;
  const value = toUnit(came, expected.unit);
  if (value === undefined || expected.value === null) return false;
  return Math.abs(value - expected.value) <= relativeTolerance * Math.max(Math.abs(expected.value), Number.MIN_VALUE);
}

/** Without a time in the message the time of receipt stands; what belongs to an interval is told at its end. */
function isSameTime(expected: Expected, came: ObservationRow): boolean {
  const time = Date.parse(came.phenomenonTime);
  if (
    expected.interval_start !== undefined &&
    expected.interval_end !== undefined &&
    came.intervalStart !== undefined
  ) {
    const begin = Date.parse(came.intervalStart);
    return begin === Date.parse(expected.interval_start) && time === Date.parse(expected.interval_end);
  }
  if (expected.time === undefined) return time === Date.parse(came.resultTime);
  return Math.abs(time - Date.parse(expected.time)) <= timeToleranceMs;
}

/** Names of quantities are advisory: the same words make a rival of a reading that is missing. */
function isSimilar(expected: Expected, came: ObservationRow): boolean {
  const words = (text: string) =>
    text
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .filter((word) => word.length > 2);
  const seen = new Set(words(`${came.property} ${came.channel ?? ""}`));
  return words(expected.quantity).some((word) => seen.has(word));
}

/** A difference of temperatures is expected in degrees Celsius, and is the same number of kelvins. */
function toUnit(came: ObservationRow, unit: string): number | undefined {
  if (typeof came.result !== "number") return undefined;
  const wanted = came.property === "temperature_difference" && unit === "Cel" ? "K" : unit;
  return convert(came.result, came.unit, wanted);
}

function describe(expected: Expected): string {
  const { quantity, value, unit, time, phase } = expected;
  return `${quantity}${phase === undefined ? "" : ` ${phase}`} = ${value} ${unit}${time === undefined ? "" : ` at ${time}`}`;
}

function name({ property, channel, result, unit, quality }: ObservationRow): string {
  const of = channel === undefined ? property : `${property}.${channel}`;
  return `${of}=${result}${unit === "1" ? "" : unit}${quality === "good" ? "" : `(${quality})`}`;
}
