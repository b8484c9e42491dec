import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteSink } from "./byte-sink.ts";
import { createLocalWriter, createOffsetFinder, createUtcWriter, type TimeWriter } from "./time-text.ts";

function text(put: TimeWriter, instant: number): string {
  const sink = new ByteSink(4);
  put(sink, instant);
  return new TextDecoder().decode(sink.take());
}

const anyInstant = fc.oneof(
  fc.integer({ min: -8.64e15, max: 8.64e15 }),
  fc.integer({ min: 0, max: 4_102_444_800_000 }),
  fc.constantFrom(-1, 0, -62_167_219_200_001, -62_167_219_200_000, 253_402_300_799_999, 253_402_300_800_000),
);

test("UTC is written as Date writes it, whatever was written before", () => {
  const put = createUtcWriter();
  fc.assert(
    fc.property(anyInstant, (instant) => {
      expect(text(put, instant)).toBe(new Date(instant).toISOString());
    }),
  );
});

describe("a zone", () => {
  const zones = ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC", "Pacific/Apia"];

  test.each(zones)("%s has the offset that the zone's rules say, on both sides of every change", (zone) => {
    const offsetAt = createOffsetFinder(zone);
    const check = (instant: number) => {
      const expected = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).offsetNanoseconds / 1e6;
      expect(offsetAt(instant)).toBe(expected);
    };
    fc.assert(fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), check));
    let change = Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone).getTimeZoneTransition("next");
    for (let n = 0; change !== null && n < 100; n++) {
      for (const near of [-1, 0, 1]) check(change.epochMilliseconds + near);
      change = change.getTimeZoneTransition("next");
    }
  });

  test("writes the wall clock in whole seconds", () => {
    const put = createLocalWriter("Europe/Berlin");
    const instants = ["2026-03-29T00:59:59.999Z", "2026-03-29T01:00:00.000Z", "2026-12-31T23:00:00.000Z"];
    expect(instants.map((instant) => text(put, Date.parse(instant)))).toEqual([
      "2026-03-29 01:59:59",
      "2026-03-29 03:00:00",
      "2027-01-01 00:00:00",
    ]);
  });
});
