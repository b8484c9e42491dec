import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFrameDecoder } from "./frame-decoder.ts";
import { createMessage } from "./message.ts";
import { wmbusmeters } from "./wmbusmeters.ts";

function decode(fields: object) {
  const telegram = { media: "water", meter: "auto", id: "12345678", timestamp: "2026-03-29T00:29:50Z", ...fields };
  const payload = Buffer.from(JSON.stringify(telegram));
  const message = createMessage({ topic: "any/topic", payload, receivedAt: 0, source: "s" });
  const known = { profile: () => undefined, device: () => undefined };
  return wmbusmeters.decode(message, { ...known, decodeFrame: createFrameDecoder(known, undefined) });
}

describe("wmbusmeters", () => {
  it("gives no two readings of one telegram the same series", () => {
    const word = fc.constantFrom(
      "total",
      "volume",
      "water",
      "phase_1",
      "at_phase_1",
      "current",
      "energy",
      "consumption",
    );
    const name = fc
      .tuple(fc.array(word, { minLength: 1, maxLength: 4 }), fc.constantFrom("m3", "kwh", "c", "v"))
      .map(([words, unit]) => `${words.join("_")}_${unit}`);
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 20 }), (names) => {
        const decoded = decode(Object.fromEntries(names.map((field, value) => [field, value])));
        if (!("readings" in decoded)) return;
        const series = decoded.readings.map(({ property, channel }) => `${property}.${channel}`);
        expect(new Set(series).size).toBe(series.length);
      }),
      { numRuns: 200 },
    );
  });

  it.each([-2_147_483_648, 2_147_483_647, 4_294_967_295, 3.4028234663852886e38])("%d is no value", (total) => {
    expect(decode({ total_m3: total })).toMatchObject({ skip: expect.any(String) });
  });

  it("knows a telegram of a newer release by its `driver`", () => {
    const decoded = decode({ _: "telegram", meter: undefined, driver: "qheat", media: undefined, total_kwh: 12 });
    expect(decoded).toMatchObject({ readings: [{ property: "heat_energy", value: 12 }] });
  });

  it("has no signal strength where the receiver measured none", () => {
    expect(decode({ rssi_dbm: 0 })).toMatchObject({ skip: expect.any(String) });
    expect(decode({ rssi_dbm: -71 })).toMatchObject({ readings: [{ property: "rssi", value: -71 }] });
  });

  it("does not doubt the counters of a door that is open", () => {
    expect(decode({ a_counter: 7, status: "OPEN" })).not.toMatchObject({ readings: [{ checks: ["device"] }] });
  });

  it("keeps the value and marks it where the meter reports an error", () => {
    expect(decode({ total_m3: 1, current_status: "TAMPER" })).toMatchObject({
      readings: [
        { property: "water_volume", value: 1, checks: ["device"] },
        { property: "device_status", value: "TAMPER" },
      ],
    });
  });
});
