import process from "node:process";

/** How often a second. */
export interface Rate {
  /** Of processor time, of all threads of this process: what others do on the machine counts less. The middle of all rounds. */
  readonly cpu: number;
  /** Of the slowest and the fastest round: a core that shares its parts with a busy one has half of its speed. */
  readonly cpuFrom: number;
  readonly cpuTo: number;
  /** By the clock on the wall. */
  readonly wall: number;
}

const rounds = 7;

export function rateOf(work: () => unknown, measuredMs: number): Rate {
  return ratesOf([work], measuredMs)[0]!;
}

/**
 * Of several works, each after half as long again to warm up. They take turns, a slice of each in every round, so that what the machine does
 * meanwhile falls on all of them. What a work gives is looked at, so that no compiler leaves it out.
 */
export function ratesOf(works: readonly (() => unknown)[], measuredMs: number): readonly Rate[] {
  for (const work of works) warmUp(work, measuredMs / 2);
  const slices = Array.from({ length: rounds }, () => works.map((work) => run(work, measuredMs / rounds)));
  return works.map((_, at) => {
    const cpu = slices.map((round) => round[at]!.cpu).toSorted((a, b) => a - b);
    const wall = slices.map((round) => round[at]!.wall).toSorted((a, b) => a - b);
    return { cpu: middle(cpu), cpuFrom: cpu[0]!, cpuTo: cpu.at(-1)!, wall: middle(wall) };
  });
}

export function warmUp(work: () => unknown, forMs: number): void {
  run(work, forMs);
}

function middle(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)]!;
}

const worksPerLook = 64;
const microsPerSecond = 1e6;

function run(work: () => unknown, forMs: number): Pick<Rate, "cpu" | "wall"> {
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
