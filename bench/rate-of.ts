import process from "node:process";

/** How often a second. */
export interface Rate {
  /** Of processor time, of all threads of this process: what others do on the machine counts little. */
  readonly cpu: number;
  /** By the clock on the wall. */
  readonly wall: number;
}

const slices = 5;

/** The middle of five slices, after half as long again to warm up. What the work gives is looked at, so that no compiler leaves it out. */
export function rateOf(work: () => unknown, measuredMs: number): Rate {
  warmUp(work, measuredMs / 2);
  const rates = Array.from({ length: slices }, () => run(work, measuredMs / slices));
  return { cpu: middle(rates.map(({ cpu }) => cpu)), wall: middle(rates.map(({ wall }) => wall)) };
}

export function warmUp(work: () => unknown, forMs: number): void {
  run(work, forMs);
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

const worksPerLook = 64;
const microsPerSecond = 1e6;

function run(work: () => unknown, forMs: number): Rate {
  let count = 0;
  let seen = 0;
  const begin = process.cpuUsage();
  const beginMs = performance.now();
  let spent = 0;
  while (spent < forMs * 1000) {
    for (let each = 0; each < worksPerLook; each++) if (work() !== undefined) seen++;
    count += worksPerLook;
    const { user, system } = process.cpuUsage(begin);
    spent = user + system;
  }
  if (seen > count) throw new Error("expected a work to be seen once");
  return { cpu: (count * microsPerSecond) / spent, wall: (count * 1000) / (performance.now() - beginMs) };
}
