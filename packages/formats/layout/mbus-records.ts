import {
  type Compiled,
  type FrameReading,
  hexOf,
  type Making,
  problem,
  type Problem,
  tooShort,
} from "./frame-reading.ts";
import type { MbusItem } from "./layout-schema.ts";
import { dataBytes, dateOf, numberOf, variableBytes, variableField, variableOf } from "./mbus-value.ts";
import { type Quantity, quantityOf } from "./mbus-vif.ts";
import type { Scope } from "./scope.ts";

/** EN 13757-3:2018 §6.3: DIFs of special functions. */
const idle = 0x2f;
const manufacturerData = 0x0f;
const moreFollows = 0x1f;
const globalReadout = 0x7f;
const extension = 0x80;
/** §6.3.1, §6.4.1: at most ten extensions of each. */
const maxExtensions = 10;

/** What a data information block says. */
interface Header {
  readonly field: number;
  readonly function: number;
  readonly storage: number;
  readonly tariff: number;
  readonly subunit: number;
}

const functionNames = ["", "_max", "_min"];
const errorFunction = 3;

/**
 * Records of M-Bus, each as `<quantity>` with its UCUM code in `<quantity>_unit`: `energy`, `volume`, `flow_temperature`, ... Of a tariff or
 * subunit, a maximum or minimum the name says so behind it (`energy_t1`, `power_max`), of a storage number it is in the object
 * `storage_<n>`. A second value of one name gets `_2`. What the maker alone knows is `manufacturer_data` or `vif_<bytes>`.
 */
export function compileMbus({ mbus }: MbusItem, scope: Scope, tail: number | undefined): Compiled {
  if (tail === undefined) scope.fault("what stands behind M-Bus records must have a fixed length");
  const names = new Map(Object.entries(mbus.names ?? {}));
  const { path } = scope;
  return {
    min: 0,
    max: Infinity,
    step(reading, into) {
      const { end } = reading;
      reading.end = Math.max(reading.at, end - (tail ?? 0));
      while (reading.at < reading.end) {
        reading.watch?.begin(path, reading.at);
        const wrong = readRecord(reading, into, names);
        if (wrong !== undefined) return wrong;
      }
      reading.end = end;
      return undefined;
    },
  };
}

function readRecord(reading: FrameReading, into: Making, names: ReadonlyMap<string, string>): Problem | undefined {
  const begin = reading.at;
  const dif = reading.bytes[begin]!;
  if (dif === idle || dif === globalReadout) {
    reading.at++;
    reading.watch?.tell(reading.at, { kind: "skipped" });
    return undefined;
  }
  if (dif === manufacturerData || dif === moreFollows) {
    const value = hexOf(reading.bytes, begin + 1, reading.end);
    reading.at = reading.end;
    set({ reading, object: into }, "manufacturer_data", { value, unit: undefined });
    return undefined;
  }
  const block = readBlock(reading);
  if (block === undefined)
    return problem(`a DIF with its extensions at byte ${begin}`, hexOf(reading.bytes, begin, reading.end));
  const vif = readBlock(reading);
  if (vif === undefined) return problem(`a VIF with its extensions at byte ${reading.at}`, "the end");
  const header = headerOf(block);
  const quantity = quantityOf(vif);
  const value = readValue(reading, header.field, quantity);
  if (typeof value === "object") return value;
  // Without a value: the meter says that it has none.
  if (value === undefined || header.function === errorFunction) {
    reading.watch?.tell(reading.at, { kind: "none", name: quantity.name });
    return undefined;
  }
  const name = `${names.get(quantity.name) ?? quantity.name}${suffixOf(header)}`;
  const object = header.storage === 0 ? into : ((into[`storage_${header.storage}`] ??= {}) as Making);
  set({ reading, object }, name, { value, unit: quantity.unit });
  return undefined;
}

/** A byte and its extensions; undefined where they have no end. */
function readBlock(reading: FrameReading): readonly number[] | undefined {
  const list: number[] = [];
  for (let n = 0; n <= maxExtensions + 1 && reading.at < reading.end; n++) {
    const byte = reading.bytes[reading.at++]!;
    list.push(byte);
    if ((byte & extension) === 0) return list;
  }
  return undefined;
}

function headerOf(dib: readonly number[]): Header {
  const dif = dib[0]!;
  let storage = (dif >> 6) & 1;
  let tariff = 0;
  let subunit = 0;
  for (let n = 1; n < dib.length; n++) {
    const dife = dib[n]!;
    storage += (dife & 0x0f) * 2 ** (4 * n - 3);
    tariff += ((dife >> 4) & 3) * 4 ** (n - 1);
    subunit += ((dife >> 6) & 1) * 2 ** (n - 1);
  }
  return { field: dif & 0x0f, function: (dif >> 4) & 3, storage, tariff, subunit };
}

function suffixOf({ function: kind, tariff, subunit }: Header): string {
  return `${tariff === 0 ? "" : `_t${tariff}`}${subunit === 0 ? "" : `_u${subunit}`}${functionNames[kind] ?? ""}`;
}

/** Undefined where the meter has no value. */
function readValue(reading: FrameReading, field: number, quantity: Quantity): number | string | Problem | undefined {
  const { bytes, view } = reading;
  if (field === variableField) {
    const lvar = reading.at < reading.end ? bytes[reading.at++]! : undefined;
    const length = lvar === undefined ? undefined : variableBytes(lvar);
    if (lvar === undefined || length === undefined) return problem("a length that EN 13757-3 has", String(lvar));
    if (reading.end - reading.at < length) return tooShort(reading, quantity.name, length);
    const from = reading.at;
    reading.at += length;
    const value = variableOf(lvar, { bytes, view, from, to: reading.at });
    return typeof value === "number" ? scaled(value, quantity) : value;
  }
  const length = dataBytes[field];
  if (length === undefined) return problem("a data field of EN 13757-3", `0x${field.toString(16)}`);
  if (reading.end - reading.at < length) return tooShort(reading, quantity.name, length);
  const span = { bytes, view, from: reading.at, to: reading.at + length };
  reading.at += length;
  if (length === 0) return undefined;
  if (quantity.kind === "date") return dateOf(span);
  return scaled(numberOf(field, span), quantity);
}

function scaled(value: number, { exponent }: Quantity): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  // A zero below zero is a zero: JSON has no other.
  return (exponent < 0 ? value / 10 ** -exponent : value * 10 ** exponent) + 0;
}

function set(
  { reading, object }: { readonly reading: FrameReading; readonly object: Making },
  name: string,
  { value, unit }: { readonly value: number | string; readonly unit: string | undefined },
): void {
  let free = name;
  for (let n = 2; object[free] !== undefined; n++) free = `${name}_${n}`;
  object[free] = value;
  reading.watch?.tell(reading.at, { kind: "value", name: free, value, object, key: free });
  if (unit !== undefined) object[`${free}_unit`] = unit;
}
