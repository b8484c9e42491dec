import { Point } from "@influxdata/influxdb-client";
import { checks, type Observation, qualities } from "@messnetz/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { observation, start } from "../samples.fixture.ts";
import { createFieldWriter, seriesPrefix, type SeriesKey, staleBits, unspeakable } from "./line-protocol.ts";
import { maxOrdinal, maxTime, minTime } from "./nanoseconds.ts";

/** Every class of character that the protocol or its readers treat in their own way, among others. */
const character = fc.oneof(
  fc.constantFrom(",", " ", "=", '"', "\\", "\n", "\r", "\t", "\0", "#", "'", "/", "-", "ä", "🚪", "\u2028", "i", "1"),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
);
const text = fc.array(character, { maxLength: 12 }).map((list) => list.join(""));
/** The protocol knows no empty tag, and none that ends in a backslash. */
const name = text.filter((one) => one !== "" && !one.endsWith("\\"));
const key = fc.record<SeriesKey>({
  property: name,
  domain: name,
  thing: name,
  channel: fc.option(name, { nil: undefined }),
});
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const spoken: fc.Arbitrary<Observation> = fc.record(
  {
    datastream: fc.constant("a/x"),
    phenomenonTime: fc.oneof(fc.integer({ min: minTime, max: maxTime }), fc.constantFrom(0, -1, 1, start)),
    ordinal: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: maxOrdinal })),
    resultTime: fc.integer({ min: -1e12, max: 1e13 }),
    result: fc.oneof(finite, text),
    quality: fc.constantFrom(...qualities),
    checks: fc.subarray([...checks]),
    revision: fc.oneof(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
    intervalStart: fc.integer({ min: -1e12, max: 1e12 }),
    deviceTime: fc.integer({ min: -1e15, max: 1e15 }),
  },
  {
    requiredKeys: ["datastream", "phenomenonTime", "ordinal", "resultTime", "result", "quality", "checks", "revision"],
  },
);

function pointOf(
  { property, domain, thing, channel }: SeriesKey,
  given: Observation,
  says: "unusual" | "all" = "unusual",
): Point {
  const { result, intervalStart, deviceTime, phenomenonTime } = given;
  const point = new Point(property).tag("domain", domain).tag("thing", thing);
  if (channel !== undefined) point.tag("channel", channel);
  if (typeof result === "number") point.floatField("value", result);
  else point.stringField("state", result);
  if (given.checks.length > 0) point.stringField("checks", given.checks.join(" "));
  if (intervalStart !== undefined) point.floatField("interval", phenomenonTime - intervalStart);
  if (deviceTime !== undefined) point.floatField("device_time", deviceTime);
  if (says === "all" || given.quality !== "good") point.floatField("quality", qualities.indexOf(given.quality));
  if (says === "all" || given.revision !== 1) point.floatField("revision", given.revision);
  return point
    .floatField("received", given.resultTime)
    .timestamp(String(BigInt(phenomenonTime) * 1_000_000n + BigInt(given.ordinal)));
}

describe("a line of the line protocol", () => {
  const { toFields, toCorrectingFields } = createFieldWriter();

  it("is the line that the client's own Point makes, without what is usual, whatever stands in it", () => {
    fc.assert(
      fc.property(key, spoken, (series, given) => {
        expect(seriesPrefix(series) + toFields(given)).toBe(pointOf(series, given).toLineProtocol());
      }),
      { numRuns: 2000 },
    );
  });

  it("that corrects says also which fields of the point no longer count", () => {
    fc.assert(
      fc.property(key, spoken, (series, given) => {
        const stale =
          (given.checks.length > 0 ? 0 : staleBits.checks) +
          (given.deviceTime === undefined ? staleBits.device_time : 0) +
          (given.intervalStart === undefined ? staleBits.interval : 0) +
          (typeof given.result === "number" ? staleBits.state : staleBits.value);
        const expected = pointOf(series, given, "all").floatField("stale", stale).toLineProtocol();
        expect(seriesPrefix(series) + toCorrectingFields(given)).toBe(expected);
      }),
    );
  });

  it.each([
    [{ result: Number.NaN }, "finite"],
    [{ result: Number.NEGATIVE_INFINITY }, "finite"],
    [{ result: "a\ud800b" }, "surrogate"],
    [{ phenomenonTime: maxTime + 1 }, "1678 to 2262"],
    [{ phenomenonTime: minTime - 1 }, "1678 to 2262"],
    [{ phenomenonTime: 0.5 }, "whole milliseconds"],
    [{ ordinal: 1_000_000 }, "ordinal"],
    [{ ordinal: -1 }, "ordinal"],
    [{ resultTime: Number.NaN }, "time of receipt"],
    [{ revision: Number.POSITIVE_INFINITY }, "revision"],
  ])("cannot say %j", (change, reason) => {
    expect(unspeakable(observation(change))).toContain(reason);
    expect(unspeakable(observation())).toBeUndefined();
  });
});
