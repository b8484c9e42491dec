export type Dimension =
  | "energy"
  | "reactive energy"
  | "apparent energy"
  | "volume times temperature"
  | "power"
  | "reactive power"
  | "apparent power"
  | "volume"
  | "flow"
  | "temperature"
  | "humidity"
  | "pressure"
  | "voltage"
  | "current"
  | "frequency"
  | "duration"
  | "heat cost"
  | "factor"
  | "count"
  | "share"
  | "concentration"
  | "signal"
  | "mass"
  | "length"
  | "angle"
  | "other";

export interface MeasuredUnit {
  readonly dimension: Dimension;
  /** UCUM code. */
  readonly unit: string;
}

/** Suffixes of dates and times, which are not measured. */
export const pointInTimeSuffixes: ReadonlySet<string> = new Set(["datetime", "date", "time", "utc", "ut", "lt", "txt"]);

/**
 * The unit suffixes of wmbusmeters' JSON fields (its list of named units, `units.h`, lower case names), and other spellings of the
 * same units with another prefix. Not `mwh`, which is MWh or mWh, and not `mol` and `m3ch`, which no property has.
 */
export const measuredUnits: ReadonlyMap<string, MeasuredUnit> = new Map([
  ...unitsOf("energy", { wh: "W.h", kwh: "kW.h", kj: "kJ", mj: "MJ", gj: "GJ" }),
  ...unitsOf("reactive energy", { varh: "V.A{reactive}.h", kvarh: "kV.A{reactive}.h" }),
  ...unitsOf("apparent energy", { vah: "V.A.h", kvah: "kV.A.h" }),
  ...unitsOf("volume times temperature", { m3c: "m3.Cel" }),
  ...unitsOf("power", { w: "W", kw: "kW" }),
  ...unitsOf("reactive power", { var: "V.A{reactive}", kvar: "kV.A{reactive}" }),
  ...unitsOf("apparent power", { va: "V.A", kva: "kV.A" }),
  ...unitsOf("volume", { m3: "m3", l: "L" }),
  ...unitsOf("flow", { m3h: "m3/h", lh: "L/h" }),
  ...unitsOf("temperature", { c: "Cel", f: "[degF]", k: "K" }),
  ...unitsOf("humidity", { rh: "%" }),
  ...unitsOf("pressure", { bar: "bar", mbar: "mbar", pa: "Pa", kpa: "kPa" }),
  ...unitsOf("voltage", { v: "V" }),
  ...unitsOf("current", { a: "A" }),
  ...unitsOf("frequency", { hz: "Hz" }),
  ...unitsOf("duration", { s: "s", min: "min", h: "h", d: "d", month: "mo", y: "a" }),
  ...unitsOf("heat cost", { hca: "{HCA}" }),
  ...unitsOf("factor", { factor: "1" }),
  ...unitsOf("count", { counter: "{count}", nr: "{count}" }),
  ...unitsOf("share", { pct: "%", percent: "%" }),
  ...unitsOf("concentration", { ppm: "[ppm]" }),
  ...unitsOf("signal", { dbm: "dB[mW]" }),
  ...unitsOf("mass", { kg: "kg" }),
  ...unitsOf("length", { m: "m" }),
  ...unitsOf("angle", { deg: "deg", rad: "rad" }),
  ...unitsOf("other", { cd: "cd" }),
]);

function unitsOf(dimension: Dimension, codes: Readonly<Record<string, string>>): [string, MeasuredUnit][] {
  return Object.entries(codes).map(([suffix, unit]) => [suffix, { dimension, unit }]);
}
