/** An exact fraction in lowest terms, `d` > 0: unit factors carry no rounding until they become a double. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

export const one: Rational = { n: 1n, d: 1n };
export const zero: Rational = { n: 0n, d: 1n };

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

function reduced(n: bigint, d: bigint): Rational {
  const divisor = greatestCommonDivisor(n, d);
  return divisor === 1n ? { n, d } : { n: n / divisor, d: d / divisor };
}

/** `text`: a decimal, or a fraction of two decimals: `0.3048`, `45967/180`. */
export function rational(text: string): Rational {
  const [numerator, denominator = "1"] = text.split("/");
  const [n, d] = [decimal(numerator!), decimal(denominator)];
  return reduced(n.n * d.d, n.d * d.n);
}

function decimal(text: string): Rational {
  const [whole, fraction = ""] = text.split(".");
  return { n: BigInt(whole! + fraction), d: 10n ** BigInt(fraction.length) };
}

export function powerOfTen(exponent: number): Rational {
  return exponent < 0 ? { n: 1n, d: 10n ** BigInt(-exponent) } : { n: 10n ** BigInt(exponent), d: 1n };
}

export function times(a: Rational, b: Rational): Rational {
  return reduced(a.n * b.n, a.d * b.d);
}

/** `b` is positive. */
export function over(a: Rational, b: Rational): Rational {
  return reduced(a.n * b.d, a.d * b.n);
}

export function minus(a: Rational, b: Rational): Rational {
  return reduced(a.n * b.d - b.n * a.d, a.d * b.d);
}

/** `base` is positive, `exponent` an integer. */
export function power(base: Rational, exponent: number): Rational {
  const size = BigInt(Math.abs(exponent));
  return exponent < 0 ? { n: base.d ** size, d: base.n ** size } : { n: base.n ** size, d: base.d ** size };
}

export function toNumber({ n, d }: Rational): number {
  return Number(n) / Number(d);
}
