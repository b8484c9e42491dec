/** What a value information block says: EN 13757-3:2018 §6.4, tables 10 to 16. */
export interface Quantity {
  readonly name: string;
  /** UCUM code; absent where the value has none, or where nobody but the maker knows it. */
  readonly unit?: string;
  /** The value is the number × 10^exponent. */
  readonly exponent: number;
  readonly kind?: "date" | "text";
}

/** VIFs from `from` on, one for each power of ten from `exponent` up. */
interface Row {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly unit?: string;
  readonly exponent?: number;
}

const primary: readonly Row[] = [
  { from: 0x00, to: 0x07, name: "energy", unit: "W.h", exponent: -3 },
  { from: 0x08, to: 0x0f, name: "energy", unit: "J", exponent: 0 },
  { from: 0x10, to: 0x17, name: "volume", unit: "m3", exponent: -6 },
  { from: 0x18, to: 0x1f, name: "mass", unit: "kg", exponent: -3 },
  { from: 0x28, to: 0x2f, name: "power", unit: "W", exponent: -3 },
  { from: 0x30, to: 0x37, name: "power", unit: "J/h", exponent: 0 },
  { from: 0x38, to: 0x3f, name: "volume_flow", unit: "m3/h", exponent: -6 },
  { from: 0x40, to: 0x47, name: "volume_flow", unit: "m3/min", exponent: -7 },
  { from: 0x48, to: 0x4f, name: "volume_flow", unit: "m3/s", exponent: -9 },
  { from: 0x50, to: 0x57, name: "mass_flow", unit: "kg/h", exponent: -3 },
  { from: 0x58, to: 0x5b, name: "flow_temperature", unit: "Cel", exponent: -3 },
  { from: 0x5c, to: 0x5f, name: "return_temperature", unit: "Cel", exponent: -3 },
  { from: 0x60, to: 0x63, name: "temperature_difference", unit: "K", exponent: -3 },
  { from: 0x64, to: 0x67, name: "external_temperature", unit: "Cel", exponent: -3 },
  { from: 0x68, to: 0x6b, name: "pressure", unit: "bar", exponent: -3 },
  { from: 0x6e, to: 0x6e, name: "heat_cost_allocator" },
  { from: 0x78, to: 0x78, name: "fabrication_number" },
  { from: 0x79, to: 0x79, name: "identification" },
  { from: 0x7a, to: 0x7a, name: "bus_address" },
];

/** Behind 0xFB: table 12. */
const extensionFb: readonly Row[] = [
  { from: 0x00, to: 0x01, name: "energy", unit: "W.h", exponent: 5 },
  { from: 0x02, to: 0x03, name: "reactive_energy", unit: "var.h", exponent: 3 },
  { from: 0x08, to: 0x09, name: "energy", unit: "J", exponent: 8 },
  { from: 0x10, to: 0x11, name: "volume", unit: "m3", exponent: 2 },
  { from: 0x18, to: 0x19, name: "mass", unit: "kg", exponent: 5 },
  { from: 0x1a, to: 0x1b, name: "relative_humidity", unit: "%", exponent: -1 },
  { from: 0x28, to: 0x29, name: "power", unit: "W", exponent: 5 },
  { from: 0x2c, to: 0x2f, name: "frequency", unit: "Hz", exponent: -3 },
  { from: 0x30, to: 0x31, name: "power", unit: "J/h", exponent: 8 },
];

/** Behind 0xFD: table 11. */
const extensionFd: readonly Row[] = [
  { from: 0x08, to: 0x08, name: "access_number" },
  { from: 0x09, to: 0x09, name: "medium" },
  { from: 0x0a, to: 0x0a, name: "manufacturer" },
  { from: 0x0b, to: 0x0b, name: "parameter_set" },
  { from: 0x0c, to: 0x0c, name: "model" },
  { from: 0x0d, to: 0x0d, name: "hardware_version" },
  { from: 0x0e, to: 0x0e, name: "firmware_version" },
  { from: 0x0f, to: 0x0f, name: "software_version" },
  { from: 0x10, to: 0x10, name: "customer_location" },
  { from: 0x11, to: 0x11, name: "customer" },
  { from: 0x17, to: 0x17, name: "error_flags" },
  { from: 0x18, to: 0x18, name: "error_mask" },
  { from: 0x1a, to: 0x1a, name: "digital_output" },
  { from: 0x1b, to: 0x1b, name: "digital_input" },
  { from: 0x3a, to: 0x3a, name: "number" },
  { from: 0x40, to: 0x4f, name: "voltage", unit: "V", exponent: -9 },
  { from: 0x50, to: 0x5f, name: "current", unit: "A", exponent: -12 },
  { from: 0x60, to: 0x60, name: "reset_counter" },
  { from: 0x61, to: 0x61, name: "cumulation_counter" },
];

/** Durations: the two lowest bits say of which unit. */
const durations: Readonly<Record<number, string>> = {
  0x20: "on_time",
  0x24: "operating_time",
  0x70: "averaging",
  0x74: "actuality",
};
const durationUnits = ["s", "min", "h", "d"];

const extension = 0x80;
const fb = 0xfb;
const fd = 0xfd;
const date = 0x6c;
const dateTime = 0x6d;
const plainText = 0x7c;

/** The quantity of the VIF and its VIFEs; what no table here has goes by its own bytes, so that it is never taken for another. */
export function quantityOf(vif: readonly number[]): Quantity {
  const [first = 0, second = 0] = vif;
  const table = first === fb ? extensionFb : first === fd ? extensionFd : primary;
  const code = (table === primary ? first : second) & ~extension;
  const found = (table === primary ? specialOf(code) : undefined) ?? rowOf(table, code);
  const name = `vif_${vif.map((byte) => byte.toString(16).padStart(2, "0")).join("_")}`;
  if (found === undefined) return { name, exponent: 0 };
  return vif.slice(table === primary ? 1 : 2).reduce(combined, found);
}

function specialOf(code: number): Quantity | undefined {
  if (code === date) return { name: "date", exponent: 0, kind: "date" };
  if (code === dateTime) return { name: "datetime", exponent: 0, kind: "date" };
  if (code === plainText) return undefined;
  const duration = durations[code & ~3];
  return duration === undefined ? undefined : { name: duration, unit: durationUnits[code & 3]!, exponent: 0 };
}

function rowOf(table: readonly Row[], code: number): Quantity | undefined {
  const row = table.find(({ from, to }) => code >= from && code <= to);
  if (row === undefined) return undefined;
  const exponent = row.exponent === undefined ? 0 : row.exponent + code - row.from;
  return { name: row.name, exponent, ...(row.unit !== undefined && { unit: row.unit }) };
}

/** Combinable VIFEs: table 15. */
const forward = 0x3b;
const backward = 0x3c;
const thousandfold = 0x7d;

function combined(quantity: Quantity, vife: number): Quantity {
  const code = vife & ~extension;
  // Multiplicative correction factors: 10^(nnn-6), and 10^3.
  if (code >= 0x70 && code <= 0x77) return { ...quantity, exponent: quantity.exponent + code - 0x76 };
  if (code === thousandfold) return { ...quantity, exponent: quantity.exponent + 3 };
  if (code === forward) return { ...quantity, name: `${quantity.name}_forward` };
  if (code === backward) return { ...quantity, name: `${quantity.name}_backward` };
  return { ...quantity, name: `${quantity.name}_vife_${vife.toString(16).padStart(2, "0")}` };
}
