import { describe, expect, it } from "vitest";
import { problemText } from "../document-problem.ts";
import { compileLayout } from "./compile-layout.ts";

const layout = compileLayout({ frames: [{ fields: [{ mbus: { names: { volume_flow: "flow" } } }] }] });

function read(hex: string): unknown {
  if ("problems" in layout) throw new Error(layout.problems.map(problemText).join());
  const result = layout.read({ bytes: Buffer.from(hex.replaceAll(" ", ""), "hex"), port: 1, time: 0 });
  return "decoded" in result ? result.decoded : result;
}

describe("a record gives its quantity and the unit of its VIF", () => {
  it.each([
    ["0c06 21430500", { energy: 54_321_000, energy_unit: "W.h" }],
    ["0c fb01 21430500", { energy: 54_321_000_000, energy_unit: "W.h" }],
    ["0c0e 21430500", { energy: 54_321_000_000, energy_unit: "J" }],
    ["0413 e8030000", { volume: 1, volume_unit: "m3" }],
    ["0b2d 470000", { power: 4700, power_unit: "W" }],
    ["0b3b 620100", { flow: 0.162, flow_unit: "m3/h" }],
    ["0a5a 5409", { flow_temperature: 95.4, flow_temperature_unit: "Cel" }],
    ["025d b608", { return_temperature: 22.3, return_temperature_unit: "Cel" }],
    ["0261 9cff", { temperature_difference: -1, temperature_difference_unit: "K" }],
    ["0422 0a000000", { on_time: 10, on_time_unit: "h" }],
    ["052e 0000c03f", { power: 1500, power_unit: "W" }],
    ["02 fd48 fd08", { voltage: 230.1, voltage_unit: "V" }],
    ["0c78 78563412", { fabrication_number: 12_345_678 }],
    ["02 fd17 0400", { error_flags: 4 }],
    ["0d fd11 03 434241", { customer: "ABC" }],
    ["0413 e8030000 2f2f", { volume: 1, volume_unit: "m3" }],
  ])("%s", (hex, decoded) => {
    expect(read(hex)).toEqual(decoded);
  });
});

describe("what is not the current total has another name", () => {
  it.each([
    ["storage", "4413 e8030000", { storage_1: { volume: 1, volume_unit: "m3" } }],
    ["a far storage", "840a13 e8030000", { storage_20: { volume: 1, volume_unit: "m3" } }],
    ["tariff", "841013 e8030000", { volume_t1: 1, volume_t1_unit: "m3" }],
    ["subunit", "844013 e8030000", { volume_u1: 1, volume_u1_unit: "m3" }],
    ["maximum", "1b2d 470000", { power_max: 4700, power_max_unit: "W" }],
    ["backward", "04 933c e8030000", { volume_backward: 1, volume_backward_unit: "m3" }],
    ["a factor of its own", "04 9374 e8030000", { volume: 0.01, volume_unit: "m3" }],
    ["an extension that no table here has", "04 9322 e8030000", { volume_vife_22: 1, volume_vife_22_unit: "m3" }],
    ["the maker's own", "02 ff2c 0100", { vif_ff_2c: 1 }],
    ["the maker's data", "0f 0102", { manufacturer_data: "0102" }],
    ["a second one", "0106 01 0106 02", { energy: 1000, energy_unit: "W.h", energy_2: 2000, energy_2_unit: "W.h" }],
  ])("%s", (_, hex, decoded) => {
    expect(read(hex)).toEqual(decoded);
  });
});

describe("what the meter does not have is left out", () => {
  it.each([
    ["an error", "3413 00000000"],
    ["the lowest integer", "0413 00000080"],
    ["digits that are none", "0a5a ffee"],
    ["no data", "0013"],
    ["a date that is not set", "026c ffff"],
    ["a clock that is wrong", "046d 9e088926"],
  ])("%s", (_, hex) => {
    expect(read(hex)).toEqual({});
  });
});

it.each([
  ["046d 1e088926", { datetime: "2020-06-09T08:30:00" }],
  ["026c 8926", { date: "2020-06-09T00:00:00" }],
  ["066d 0f1e08892600", { datetime: "2020-06-09T08:30:15" }],
])("dates are of the meter's clock: %s", (hex, decoded) => {
  expect(read(hex)).toEqual(decoded);
});

it.each([
  ["0413 e803", "4 bytes for volume"],
  ["04", "a VIF with its extensions"],
  ["84848484848484848484848484", "a DIF with its extensions"],
  ["0d13 ff", "a length that EN 13757-3 has"],
])("records that are not whole are refused: %s", (hex, told) => {
  expect(JSON.stringify(read(hex))).toContain(told);
});

it("a zero with a sign is a zero", () => {
  // Energy in Wh as a real number (EN 13757-3:2018 §6.3.3).
  expect(read("05 03 00000080")).toEqual({ energy: 0, energy_unit: "W.h" });
});
