import type { FrameReading } from "./frame-reading.ts";
import type { NumberOptions } from "./item-schema.ts";
import type { Scope } from "./scope.ts";

/** A number of the frame → its value; NaN where a field that it needs has none. */
export type Arithmetic = (value: number, reading: FrameReading) => number;

const operations: Readonly<Record<string, (value: number, operand: number) => number>> = {
  "+": (value, operand) => value + operand,
  "-": (value, operand) => value - operand,
  "*": (value, operand) => value * operand,
  "/": (value, operand) => value / operand,
  "%": (value, operand) => value % operand,
  "^": (value, operand) => value ** operand,
  "* 10^": (value, operand) => timesTenTo(value, operand),
  "* 2^": (value, operand) => value * 2 ** operand,
  round: (value, digits) => Number(value.toFixed(Math.min(Math.max(Math.trunc(digits), 0), maxDigits))),
  min: Math.min,
  max: Math.max,
};
const maxDigits = 12;

const functions: Readonly<Record<string, (value: number) => number>> = {
  negate: (value) => 0 - value,
  reciprocal: (value) => 1 / value,
  absolute: Math.abs,
  floor: Math.floor,
  sqrt: Math.sqrt,
  ln: Math.log,
  log10: Math.log10,
  exp: Math.exp,
  "10^": (value) => timesTenTo(1, value),
};

/** Dividing by a power of ten is exact where multiplying with its inverse is not: 3655 / 1000 is 3.655. */
function timesTenTo(value: number, exponent: number): number {
  return exponent < 0 ? value / 10 ** -exponent : value * 10 ** exponent;
}

export function scaledBy(scale: number): (value: number) => number {
  // 0.001 has no exact double, 1000 has: 3655 × 0.001 is not 3.655, 3655 / 1000 is.
  const inverse = Math.round(1 / scale);
  return 1 / inverse === scale ? (value) => value / inverse : (value) => value * scale;
}

/** Undefined where nothing is to be done. Mistakes are noted at the scope. */
export function compileArithmetic(options: NumberOptions, scope: Scope): Arithmetic | undefined {
  const steps: Arithmetic[] = [];
  if (options.scale !== undefined) steps.push(scaledBy(options.scale));
  const { offset } = options;
  if (offset !== undefined) steps.push((value) => value + offset);
  options.calc?.forEach((text, at) => {
    const step = compileStep(text.trim(), scope.below("calc", at));
    if (step !== undefined) steps.push(step);
  });
  if (steps.length <= 1) return steps[0];
  return (value, reading) => {
    let result = value;
    for (const step of steps) result = step(result, reading);
    return result;
  };
}

const stepPattern = /^(?<operation>\* 10\^|\* 2\^|[-+*/%^]|round|min|max)\s*(?<operand>\S+)$/u;
const polynomial = /^polynomial\s+(?<coefficients>.+)$/u;

function compileStep(text: string, scope: Scope): Arithmetic | undefined {
  const known = Object.hasOwn(functions, text) ? functions[text] : undefined;
  if (known !== undefined) return known;
  const { coefficients } = polynomial.exec(text)?.groups ?? {};
  if (coefficients !== undefined) return polynomialOf(coefficients.split(/[\s,]+/u).map(Number), scope);
  const { operation, operand } = stepPattern.exec(text)?.groups ?? {};
  const apply = operation === undefined ? undefined : operations[operation];
  if (apply === undefined || operand === undefined) {
    const words = [...Object.keys(operations).map((sign) => `${sign} x`), ...Object.keys(functions)];
    scope.fault(`${text} is none of the steps ${words.join(", ")}, polynomial c0 c1 …`);
    return undefined;
  }
  const number = Number(operand);
  if (!Number.isNaN(number)) return (value) => apply(value, number);
  if (operand === "uplink") return (value, reading) => apply(value, Math.floor(reading.time / 1000));
  if (operand === "index") return (value, reading) => apply(value, reading.index);
  const slot = scope.refer(operand);
  if (slot === undefined) return undefined;
  return (value, reading) => {
    const other = reading.values[slot.index];
    return typeof other === "number" ? apply(value, other) : Number.NaN;
  };
}

function polynomialOf(coefficients: readonly number[], scope: Scope): Arithmetic | undefined {
  if (coefficients.some(Number.isNaN)) {
    scope.fault("coefficients of a polynomial are numbers, that of the zeroth power first");
    return undefined;
  }
  return (value) => coefficients.reduceRight((sum, coefficient) => sum * value + coefficient, 0);
}
