import { expect, it } from "vitest";
import { heldUnit } from "./held-unit.ts";

it.each([
  ["W", { unit: "kW.h", factor: 0.001 }],
  ["V.A", { unit: "kV.A.h", factor: 0.001 }],
  ["V.A{reactive}", { unit: "kV.A{reactive}.h", factor: 0.001 }],
  ["m3/h", { unit: "m3", factor: 1 }],
  ["m3/s", { unit: "m3", factor: 3600 }],
  ["mm/h", { unit: "mm", factor: 1 }],
  ["{vehicle}/h", { unit: "{vehicle}", factor: 1 }],
  ["Cel", undefined],
  ["m", undefined],
  ["Hz", undefined],
  ["%", undefined],
  ["no unit", undefined],
])("what %s adds up to over time is %j", (unit, expected) => {
  expect(heldUnit(unit)).toEqual(expected);
});
