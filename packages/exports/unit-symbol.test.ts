import { expect, test } from "vitest";
import { unitSymbol } from "./unit-symbol.ts";

test.each([
  ["Cel", "°C"],
  ["m3/h", "m³/h"],
  ["uS/cm", "µS/cm"],
  ["ug/m3", "µg/m³"],
  ["W/m2", "W/m²"],
  ["kW.h", "kW·h"],
  ["1", ""],
  ["{vehicles}", ""],
  ["{vehicle}/h", "1/h"],
  ["kV.A{reactive}.h", "kvarh"],
  ["m3.Cel", "m³·°C"],
  ["dB[mW]", "dBm"],
  ["%", "%"],
  ["[pH]", "pH"],
  ["deg", "°"],
])("an office prints %s as %s", (ucum, printed) => {
  expect(unitSymbol(ucum)).toBe(printed);
});
