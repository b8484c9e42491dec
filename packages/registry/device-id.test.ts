import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normaliseDeviceId } from "./device-id.ts";

describe("normaliseDeviceId", () => {
  it.each([
    ["lorawan:24E124136B502217", "lorawan:24e124136b502217"],
    ["LoRaWAN:24-e1-24-13-6b-50-22-17", "lorawan:24e124136b502217"],
    ["lorawan:24:E1:24:13:6B:50:22:17", "lorawan:24e124136b502217"],
    ["wmbus:12 34 56 7A", "wmbus:1234567a"],
    ["urn:dev:mac:0024BEFFFE804FF1", "urn:dev:mac:0024befffe804ff1"],
    ["urn:dev:os:32473-Pump", "urn:dev:os:32473-Pump"],
    ["Tasmota:Meter-Rathaus", "tasmota:Meter-Rathaus"],
    ["no scheme", "no scheme"],
  ])("makes %s to %s", (id, expected) => expect(normaliseDeviceId(id)).toBe(expected));

  it("leaves alone what it has made", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const once = normaliseDeviceId(text);
        expect(normaliseDeviceId(once)).toBe(once);
      }),
    );
  });
});
