import { catalogue, conversion } from "@messnetz/model";
import { remember } from "./remember.ts";

/** Properties that say a dimension and no more, in the order in which they are tried. */
const candidates = [
  "voltage",
  "current",
  "power",
  "temperature",
  "energy_reading",
  "volume_reading",
  "flow",
  "pressure",
  "duration",
  "illuminance",
  "charge_taken",
  "reactive_power",
  "apparent_power",
  "weight",
  "solar_irradiance",
  "rssi",
].flatMap((key) => catalogue.get(key) ?? []);

const alone: ReadonlyMap<string, string> = new Map([
  ["%", "percentage"],
  ["1", "number"],
  ["Hz", "frequency"],
  ["{count}", "count_reading"],
  ["m", "distance"],
  ["mm", "distance"],
  ["cm", "distance"],
  ["V.A", "apparent_power"],
  ["kV.A", "apparent_power"],
  ["var", "reactive_power"],
  ["kvar", "reactive_power"],
]);

/**
 * What a unit measures, where a device says the unit but has a word of its own for what: its word becomes the channel. Undefined where the
 * unit measures nothing that we know.
 */
export const genericProperty = remember((unit: string): string | undefined => {
  const sure = alone.get(unit);
  if (sure !== undefined && catalogue.get(sure) !== undefined) {
    return conversion(unit, catalogue.get(sure)!.unit) === undefined ? undefined : sure;
  }
  return candidates.find((observed) => conversion(unit, observed.unit) !== undefined)?.key;
});
