import { describe, expect, it } from "vitest";
import { obisMeaning } from "./obis.ts";

describe("OBIS codes of electricity", () => {
  it.each([
    ["1_8_0", { property: "active_energy_import", unit: "kW.h" }],
    ["1.8.2", { property: "active_energy_import", unit: "kW.h", channel: "T2" }],
    ["1-0:16.7.0*255", { property: "active_power", unit: "W" }],
    ["21.7.0", { property: "active_power", unit: "W", channel: "import-L1" }],
    ["76.7.0", { property: "active_power", unit: "W", channel: "L3" }],
    ["31.7.0", { property: "current", unit: "A", channel: "L1" }],
    ["72.7.0", { property: "voltage", unit: "V", channel: "L3" }],
    ["14.7.0", { property: "frequency", unit: "Hz" }],
    ["22_8_0", { property: "active_energy_export", unit: "kW.h", channel: "L1" }],
  ])("%s", (code, expected) => {
    expect(obisMeaning(code)).toEqual(expected);
  });

  it.each(["1.8", "15.8.0", "96.1.0", "0.0.0", "99.7.0", "1.6.0", "18.0", "21_7_1999"])("does not know %s", (code) => {
    expect(obisMeaning(code)).toBeUndefined();
  });
});
