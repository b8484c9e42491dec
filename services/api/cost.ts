import { Problem } from "./problem.ts";

/** What an answer would cost: the factors whose product counts, in the words of the request. */
export interface Cost {
  /** `datastreams`, `windows`, … and how many of each. */
  readonly factors: Readonly<Record<string, number>>;
  /** What the product counts. */
  readonly of: string;
  readonly most: number;
  /** What to do instead: each completes "Take …". */
  readonly ways: readonly string[];
}

/** Refuses before the store is asked for it. Throws the problem `too-much`, which names the figures and the ways out. */
export function assertAffordable({ factors, of, most, ways }: Cost): void {
  const came = Object.values(factors).reduce((product, factor) => product * factor, 1);
  if (came <= most) return;
  const product = Object.entries(factors).map(([name, count]) => `${count} ${name}`);
  throw new Problem(
    "too-much",
    `expected at most ${most} ${of} in one answer; came ${product.join(" × ")} = ${came}. Take ${ways.join(", or ")}`,
  );
}
