/**
 * A decimal number, exact: `units / 10 ** decimals`. Sums and differences of decimals add up whatever their order, which those of
 * doubles do not.
 */
export interface Decimal {
  /** A safe integer. */
  readonly units: number;
  readonly decimals: number;
}

/** Powers of ten that a double has exactly, and more decimals than registers have. */
const maxDecimals = 9;
const powers = Array.from({ length: maxDecimals + 1 }, (_, n) => 10 ** n);

/** Digits beyond do not tell one double from the next. */
const maxUnits = 2 ** 52;

export const zero: Decimal = { units: 0, decimals: 0 };

/**
 * How many decimals the number has as it is written, at most 9 and at most as many as a double can tell apart: 0.125 has 3, 1200 has 0,
 * 0.1 + 0.2 has 9 (0.300000000).
 */
export function decimalsOf(value: number): number {
  for (let decimals = 0; decimals < maxDecimals; decimals++) {
    const units = Math.round(value * powers[decimals]!);
    if (units / powers[decimals]! === value) return decimals;
    if (Math.abs(units) * 10 > maxUnits) return decimals;
  }
  return maxDecimals;
}

/** The nearest decimal with that many decimals, less where a double cannot tell so many apart. */
export function withDecimals(value: number, decimals: number): Decimal {
  let kept = Math.min(decimals, maxDecimals);
  while (kept > 0 && Math.abs(value) * powers[kept]! > maxUnits) kept -= 1;
  return { units: Math.round(value * powers[kept]!), decimals: kept };
}

/** The number as it is written. */
export function toDecimal(value: number): Decimal {
  const decimals = decimalsOf(value);
  const units = Math.round(value * powers[decimals]!);
  return Math.abs(units) <= maxUnits ? { units, decimals } : withDecimals(value, decimals);
}

/** The nearest multiple of `step`. */
export function toMultiple(value: number, step: Decimal): Decimal {
  const multiple = Math.round((value * powers[step.decimals]!) / step.units);
  const units = multiple * step.units;
  if (Number.isSafeInteger(units)) return { units, decimals: step.decimals };
  return fromExact(BigInt(multiple) * BigInt(step.units), step.decimals);
}

export function plus(a: Decimal, b: Decimal): Decimal {
  if (a.decimals === b.decimals && Number.isSafeInteger(a.units + b.units)) {
    return { units: a.units + b.units, decimals: a.decimals };
  }
  const decimals = Math.max(a.decimals, b.decimals);
  const left = a.units * powers[decimals - a.decimals]!;
  const right = b.units * powers[decimals - b.decimals]!;
  const units = left + right;
  if (Number.isSafeInteger(left) && Number.isSafeInteger(right) && Number.isSafeInteger(units))
    return { units, decimals };
  return fromExact(scaled(a, decimals) + scaled(b, decimals), decimals);
}

export function minus(a: Decimal, b: Decimal): Decimal {
  return plus(a, { units: -b.units, decimals: b.decimals });
}

/** The double nearest to the decimal. */
export function toNumber({ units, decimals }: Decimal): number {
  // Never a negative zero.
  return units / powers[decimals]! + 0;
}

function scaled({ units, decimals }: Decimal, to: number): bigint {
  return BigInt(units) * 10n ** BigInt(to - decimals);
}

/** With fewer decimals where the integer is not safe. */
function fromExact(units: bigint, decimals: number): Decimal {
  let kept = decimals;
  let left = units;
  while (kept > 0 && !Number.isSafeInteger(Number(left))) {
    left /= 10n;
    kept -= 1;
  }
  return { units: Number(left), decimals: kept };
}
