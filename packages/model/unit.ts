import { readCode } from "./unit-grammar.ts";
import { minus, over, type Rational, toNumber } from "./unit-rational.ts";

export { ucumFromAlias } from "./unit-alias.ts";

/** A unit of measure, a size of its dimension: `value * scale + offset` gives base units, exactly. */
export interface Unit {
  /** UCUM code as it was written. */
  readonly code: string;
  /** Base units with exponents in a fixed order, `g.m2.s-3` for the watt; empty for a number. Only equal ones convert. */
  readonly dimension: string;
  /** What is counted, `{person}` or `%`; empty where nothing is named. */
  readonly counted: string;
  readonly scale: Rational;
  readonly offset: Rational;
}

/**
 * How values of one unit become values of another. `apply` adds no noise: 1601 mm are 1.601 m. `value * factor + offset` is
 * the same but for rounding.
 */
export interface Conversion {
  readonly factor: number;
  readonly offset: number;
  /** May overflow to an infinity. */
  readonly apply: (value: number) => number;
}

/** Undefined where the text is not a UCUM code or has a unit that Messnetz does not know (see `unit-table.ts`). */
export function parseUnit(code: string): Unit | undefined {
  const quantity = readCode(code);
  if (quantity === undefined) return undefined;
  const bases = Array.from(quantity.exponents).sort(([a], [b]) => (a < b ? -1 : 1));
  const isCount = ([base]: readonly [string, number]): boolean => base.startsWith("{") || base === "%";
  return {
    code,
    dimension: toKey(bases.filter((base) => !isCount(base))),
    counted: toKey(bases.filter(isCount)),
    scale: quantity.scale,
    offset: quantity.offset,
  };
}

function toKey(bases: readonly (readonly [string, number])[]): string {
  return bases.map(([base, exponent]) => (exponent === 1 ? base : `${base}${exponent}`)).join(".");
}

/**
 * Counts of different things do not convert: persons never become vehicles, nor per cent become persons. `1` names nothing and goes with
 * each; `{count}` with every count.
 */
function countSame(a: string, b: string): boolean {
  if (a === b || a === "" || b === "") return true;
  return (a === "{count}" && !b.includes("%")) || (b === "{count}" && !a.includes("%"));
}

/** Pairs of units that are remembered: devices write the same few again and again; a flood of others starts over. */
const maxRemembered = 4_096;
/** Longer codes are worked out each time, so that nobody fills the memory. */
const maxRememberedLength = 64;
const remembered = new Map<string, Conversion | undefined>();

/**
 * From one UCUM code to another; undefined where one is not known or they are not commensurable. Costs tens of microseconds the first
 * time: keep the result where values flow.
 */
export function conversion(from: string, to: string): Conversion | undefined {
  if (from.length > maxRememberedLength || to.length > maxRememberedLength) return workOut(from, to);
  const pair = `${from.length} ${from}${to}`;
  const known = remembered.get(pair);
  if (known !== undefined || remembered.has(pair)) return known;
  const made = workOut(from, to);
  if (remembered.size >= maxRemembered) remembered.clear();
  remembered.set(pair, made);
  return made;
}

function workOut(from: string, to: string): Conversion | undefined {
  const source = parseUnit(from);
  const target = from === to ? source : parseUnit(to);
  if (source === undefined || target === undefined) return undefined;
  if (source.dimension !== target.dimension || !countSame(source.counted, target.counted)) return undefined;
  const scale = over(source.scale, target.scale);
  const offset = over(minus(source.offset, target.offset), target.scale);
  return { factor: toNumber(scale), offset: toNumber(offset), apply: arithmetic(scale, toNumber(offset)) };
}

/** `value` of unit `from` in unit `to`; undefined where one is not known, they are not commensurable, or the result is not finite. */
export function convert(value: number, from: string, to: string): number | undefined {
  const result = conversion(from, to)?.apply(value);
  return result !== undefined && Number.isFinite(result) ? result : undefined;
}

function arithmetic(scale: Rational, offset: number): (value: number) => number {
  const multiplier = Number(scale.n);
  const divisor = Number(scale.d);
  if (offset !== 0) return (value) => Number(((value * multiplier) / divisor + offset).toFixed(temperatureDecimals));
  if (multiplier === divisor) return (value) => value;
  const places = scale.d === 1n ? placesOfTen(scale.n) : scale.n === 1n ? -placesOfTen(scale.d) : Number.NaN;
  if (Number.isInteger(places)) {
    return (value) => (Number.isInteger(value) ? (value * multiplier) / divisor : shiftPoint(value, places));
  }
  const exact = Number.isSafeInteger(multiplier) && Number.isSafeInteger(divisor);
  const factor = toNumber(scale);
  return exact ? (value) => (value * multiplier) / divisor : (value) => value * factor;
}

/** 293.25 K is 20.1 Cel, not 20.100000000000023; no thermometer tells 1e-10 K. */
const temperatureDecimals = 10;

/** 3 for 1000; NaN for what is no power of ten. */
function placesOfTen(value: bigint): number {
  const text = String(value);
  return /^10*$/.test(text) ? text.length - 1 : Number.NaN;
}

/** Moves the decimal point of the number as written: 4.35 m are 435 cm, where 4.35 * 100 is 434.99999999999994. */
function shiftPoint(value: number, places: number): number {
  if (!Number.isFinite(value)) return value;
  const [digits, exponent = "0"] = String(value).split("e");
  return Number(`${digits}e${Number(exponent) + places}`);
}
