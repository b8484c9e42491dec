import type { Dimension } from "./wmbusmeters-units.ts";

export type Medium = "water" | "gas" | "electricity" | "heat" | "cooling" | "other";

/**
 * The medium by wmbusmeters' names of EN 13757-3 media; a heat cost allocator counts as heat. Where the telegram comes from a
 * radio converter or has no medium, the name of the driver may tell it (`qheat`, `gwfwater`).
 */
export function mediumOf(media: unknown, driver: unknown): Medium {
  const medium = mediumOfWord(media);
  return medium === "other" ? mediumOfWord(driver) : medium;
}

function mediumOfWord(word: unknown): Medium {
  if (typeof word !== "string" || /detector|^valve/u.test(word)) return "other";
  if (word.includes("water")) return "water";
  if (word.includes("gas")) return "gas";
  if (word === "electricity") return "electricity";
  if (word.includes("heat")) return "heat";
  return word.includes("cooling") ? "cooling" : "other";
}

/** A meter of the energy that a carrier of heat or cold brings. */
const isThermal = (medium: Medium): boolean => medium === "heat" || medium === "cooling";

export interface Quantity {
  readonly property: string;
  /** Where the property is a register: the property of what is not known to be one (a month's figure, a difference). */
  readonly figure?: string;
  /** Words that say no more than the property: a field of these alone is the main one. */
  readonly plain: readonly string[];
  /** Where the reading's unit is not that of the suffix. */
  readonly unit?: string;
}

type Words = readonly string[];

/** What a field of a dimension measures; undefined where only the registry can say it. */
export function quantityOf(dimension: Dimension, medium: Medium, words: Words): Quantity | undefined {
  switch (dimension) {
    case "energy":
      return energyOf(medium, words);
    case "power":
      return powerOf(medium, words);
    case "volume":
      return volumeOf(medium, words);
    case "temperature":
      return temperatureOf(medium, words);
    case "voltage":
      return medium === "electricity" && !words.includes("battery") ? voltage : batteryVoltage;
    case "duration":
      return words.includes("battery") ? batteryLifetime : words.includes("time") ? operatingTime : duration;
    case "reactive energy":
      return reactiveEnergyOf(words);
    case "factor":
      return words.length === 0 || words.includes("power") ? powerFactor : number;
    case "angle":
      return medium === "electricity" ? phaseAngle : undefined;
    case "count":
      return words.includes("access") ? accesses : words.includes("error") ? errors : pieces;
    case "share":
      return words.includes("battery") ? batteryLevel : percentage;
    case "concentration":
      return words.includes("co2") ? carbonDioxide : undefined;
    default:
      return plainQuantities.get(dimension);
  }
}

const voltage: Quantity = { property: "voltage", plain: ["voltage", "at"] };
const batteryVoltage: Quantity = { property: "battery_voltage", plain: ["battery", "voltage"] };
const batteryLifetime: Quantity = { property: "battery_lifetime", plain: ["battery", "remaining", "life", "lifetime"] };
const batteryLevel: Quantity = { property: "battery_level", plain: ["battery", "level"] };
const percentage: Quantity = { property: "percentage", plain: [] };
const operatingTime: Quantity = { property: "operating_time", plain: ["operating", "time"] };
const duration: Quantity = { property: "duration", plain: [] };
const accesses: Quantity = { property: "access_count", plain: ["access"] };
const errors: Quantity = { property: "error_count", plain: ["error"] };
const pieces: Quantity = { property: "count_reading", plain: [] };
const carbonDioxide: Quantity = { property: "co2", plain: ["co2", "current"] };
const number: Quantity = { property: "number", plain: [] };
const threePhases = ["three", "phase", "total"];
const powerFactor: Quantity = { property: "power_factor", plain: ["power", "at", ...threePhases] };
const phaseAngle: Quantity = { property: "phase_angle", plain: ["phase", "angle", "power"] };
const reactivePower: Quantity = {
  property: "reactive_power",
  plain: ["reactive", "power", "current", "consumption", "at", ...threePhases],
};
const apparentPower: Quantity = {
  property: "apparent_power",
  plain: ["apparent", "power", "current", "consumption", "at", ...threePhases],
};
const apparentEnergy: Quantity = {
  property: "apparent_energy",
  plain: ["total", "apparent", "energy", "consumption", "positive"],
};

const plainQuantities: ReadonlyMap<Dimension, Quantity> = new Map<Dimension, Quantity>([
  ["apparent energy", apparentEnergy],
  ["volume times temperature", { property: "volume_temperature", plain: [] }],
  ["reactive power", reactivePower],
  ["apparent power", apparentPower],
  ["flow", { property: "flow", plain: ["flow", "volume", "water", "current"] }],
  ["humidity", { property: "relative_humidity", plain: ["relative", "humidity", "current"] }],
  ["pressure", { property: "pressure", plain: ["pressure", "current"] }],
  ["current", { property: "current", plain: ["current", "amperage", "at"] }],
  ["frequency", { property: "frequency", plain: ["frequency"] }],
  [
    "heat cost",
    { property: "heat_cost_units", figure: "heat_cost_reading", plain: ["current", "consumption", "total"] },
  ],
  ["signal", { property: "rssi", plain: ["rssi"] }],
  ["mass", { property: "weight", plain: [] }],
  ["length", { property: "distance", plain: [] }],
]);

const isExport = (words: Words): boolean =>
  words.some((word) => /^(?:production|export|backwards?|negative)$/u.test(word));
const exported = ["total", "energy", "production", "export", "backward", "backwards", "negative"];
const imported = ["total", "energy", "consumption", "import", "positive"];

function reactiveEnergyOf(words: Words): Quantity {
  const figure = "reactive_energy";
  return isExport(words)
    ? { property: "reactive_energy_export", figure, plain: [...exported, "reactive"] }
    : { property: "reactive_energy_import", figure, plain: [...imported, "reactive"] };
}

function energyOf(medium: Medium, words: Words): Quantity {
  const figure = "energy_reading";
  if (medium === "electricity") {
    // Drivers write reactive and apparent energy in kWh where the meter does.
    if (words.includes("reactive")) return reactiveEnergyOf(words);
    if (words.includes("apparent")) return apparentEnergy;
    return isExport(words)
      ? { property: "active_energy_export", figure, plain: [...exported, "active"] }
      : { property: "active_energy_import", figure, plain: [...imported, "active"] };
  }
  if (words.includes("cooling") || (medium === "cooling" && !words.some((word) => word.startsWith("heat")))) {
    return { property: "cooling_energy", figure, plain: ["total", "energy", "consumption", "cooling"] };
  }
  // A radio converter does not say what it converts: a register all the same, but of which property?
  const property = isThermal(medium) ? "heat_energy" : "energy_reading";
  return { property, figure, plain: ["total", "energy", "consumption", "heat", "heating"] };
}

function powerOf(medium: Medium, words: Words): Quantity {
  // Drivers write reactive power in kW where the meter does.
  if (words.includes("reactive")) return reactivePower;
  if (words.includes("apparent")) return apparentPower;
  const property = medium === "electricity" ? "active_power" : isThermal(medium) ? "heat_power" : "power";
  return { property, plain: ["power", "active", "current", "consumption", "at", ...threePhases] };
}

/** The carrier of a heat meter is a volume, not the water of a water works. */
function volumeOf(medium: Medium, words: Words): Quantity {
  const figure = "volume_reading";
  if (words.some((word) => /^(?:backwards?|backflow|reverse)$/u.test(word))) {
    const plain = ["total", "volume", "water", "flow", "backward", "backwards", "backflow", "reverse"];
    return { property: "reverse_volume", figure, plain };
  }
  const property = medium === "water" ? "water_volume" : medium === "gas" ? "gas_volume" : "volume";
  return { property, figure, plain: ["total", "volume", "water", "consumption"] };
}

const differencePlain = ["temperature", "temp", "difference", "diff", "delta", "flow", "return"];

function temperatureOf(medium: Medium, words: Words): Quantity {
  // A difference in degrees Celsius is one in kelvin; as `Cel` it would be a point of the scale.
  if (words.some((word) => /^(?:difference|diff|delta)$/u.test(word))) {
    return { property: "temperature_difference", unit: "K", plain: differencePlain };
  }
  if (isThermal(medium) && !words.includes("external") && !words.includes("room")) {
    if (words.includes("return") || words.includes("t2")) {
      return { property: "return_temperature", plain: ["return", "temperature", "temp", "t2"] };
    }
    if (words.some((word) => /^(?:flow|forward|supply|t1)$/u.test(word))) {
      return { property: "flow_temperature", plain: ["flow", "forward", "supply", "temperature", "temp", "t1"] };
    }
  }
  if (medium === "water" && (words.includes("flow") || words.includes("water"))) {
    return { property: "water_temperature", plain: ["flow", "temperature", "water"] };
  }
  return { property: "temperature", plain: ["temperature", "temp", "current"] };
}
