import { one, over, power, powerOfTen, type Rational, rational, times, zero } from "./unit-rational.ts";
import { type Atom, atoms, prefixes } from "./unit-table.ts";

/** What a code means: `value * scale + offset` of the base units, each with its exponent. */
export interface Quantity {
  readonly scale: Rational;
  readonly offset: Rational;
  /** Base units and, in braces or as `%`, what is counted. */
  readonly exponents: ReadonlyMap<string, number>;
  /** A point of a scale or a level: takes part in no product. */
  readonly alone: boolean;
}

const number: Quantity = { scale: one, offset: zero, exponents: new Map(), alone: false };

const maxLength = 64;
/** Far above any real unit, far below what would make the fractions long. */
const maxExponent = 24;

const tenPattern = /10[*^]([+-]?\d+)?/y;
const factorPattern = /\d+/y;
const symbolPattern = /((?:[A-Za-z%'_]|\[[^\][{}\s]+\])+)([+-]?\d+)?/y;
const annotationPattern = /\{[!-z|~]*\}/y;

/**
 * Reads a UCUM code (grammar: UCUM §3 to §12). A count in braces that stands alone (`{person}`, `{vehicle}/h`) is kept, so that persons do not
 * become vehicles; one behind a unit (`V.A{reactive}`) has no meaning. Undefined where the code or one of its units is not known.
 */
export function readCode(code: string): Quantity | undefined {
  if (code.length === 0 || code.length > maxLength) return undefined;
  const whole = atoms.get(code);
  if (whole !== undefined) return quantityOf(code, whole);
  let at = 0;

  function match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(code);
    if (found === null) return undefined;
    at = pattern.lastIndex;
    return found;
  }

  function take(character: string): boolean {
    if (code[at] !== character) return false;
    at += 1;
    return true;
  }

  function term(): Quantity | undefined {
    let result = take("/") ? product(number, component(), -1) : component();
    while (result !== undefined && at < code.length && code[at] !== ")") {
      if (take(".")) result = product(result, component(), 1);
      else if (take("/")) result = product(result, component(), -1);
      else return undefined;
    }
    return result;
  }

  function component(): Quantity | undefined {
    if (take("(")) {
      const inner = term();
      return take(")") ? inner : undefined;
    }
    const annotation = match(annotationPattern);
    if (annotation !== undefined) return { ...number, exponents: new Map([[annotation[0], 1]]) };
    const ten = match(tenPattern);
    if (ten !== undefined) return counted(tenTo(Number(ten[1] ?? 1)));
    const factor = match(factorPattern);
    if (factor !== undefined) return BigInt(factor[0]) === 0n ? undefined : { ...number, scale: rational(factor[0]) };
    const symbol = match(symbolPattern);
    if (symbol === undefined) return undefined;
    match(annotationPattern);
    return raised(prefixed(symbol[1]!), symbol[2]);
  }

  function counted(ten: Quantity | undefined): Quantity | undefined {
    const annotation = match(annotationPattern);
    return ten === undefined || annotation === undefined ? ten : { ...ten, exponents: new Map([[annotation[0], 1]]) };
  }

  const result = term();
  return at === code.length ? result : undefined;
}

function tenTo(exponent: number): Quantity | undefined {
  return Math.abs(exponent) > maxExponent ? undefined : { ...number, scale: powerOfTen(exponent) };
}

function prefixed(symbol: string): Quantity | undefined {
  const atom = atoms.get(symbol);
  if (atom !== undefined) return quantityOf(symbol, atom);
  for (const length of [2, 1]) {
    const exponent = prefixes.get(symbol.slice(0, length));
    const rest = symbol.slice(length);
    const metric = exponent === undefined ? undefined : atoms.get(rest);
    if (metric?.metric !== true) continue;
    const quantity = quantityOf(rest, metric);
    return quantity && { ...quantity, scale: times(quantity.scale, powerOfTen(exponent!)) };
  }
  return undefined;
}

function quantityOf(symbol: string, atom: Atom): Quantity | undefined {
  if (atom.of === undefined) return { ...number, exponents: new Map([[symbol, 1]]), alone: atom.level === true };
  const definition = readCode(atom.of);
  if (definition === undefined) return undefined;
  return {
    scale: times(definition.scale, rational(atom.value)),
    offset: atom.zero === undefined ? zero : rational(atom.zero),
    exponents: atom.parts === true ? new Map([["%", 1]]) : definition.exponents,
    alone: atom.zero !== undefined,
  };
}

function raised(quantity: Quantity | undefined, exponentText: string | undefined): Quantity | undefined {
  if (quantity === undefined || exponentText === undefined) return quantity;
  const exponent = Number(exponentText);
  if (quantity.alone || exponent === 0 || Math.abs(exponent) > maxExponent) return undefined;
  const exponents = new Map(Array.from(quantity.exponents, ([base, of]) => [base, of * exponent] as const));
  return { ...number, scale: power(quantity.scale, exponent), exponents };
}

function product(left: Quantity | undefined, right: Quantity | undefined, sign: 1 | -1): Quantity | undefined {
  if (left === undefined || right === undefined || left.alone || right.alone) return undefined;
  const exponents = new Map(left.exponents);
  for (const [base, exponent] of right.exponents) {
    const sum = (exponents.get(base) ?? 0) + sign * exponent;
    if (sum === 0) exponents.delete(base);
    else exponents.set(base, sum);
  }
  return { ...number, scale: sign === 1 ? times(left.scale, right.scale) : over(left.scale, right.scale), exponents };
}
