import process from "node:process";

/** How often a second of CPU time does the work. What it gives is looked at, so that no compiler leaves it out. */
export function rateOf(work: () => unknown, measuredMs: number): number {
  run(work, measuredMs / 2);
  return run(work, measuredMs);
}

const worksPerLook = 64;
const microsPerSecond = 1e6;

function run(work: () => unknown, forMs: number): number {
  let count = 0;
  let seen = 0;
  const begin = process.cpuUsage();
  let spent = 0;
  while (spent < forMs * 1000) {
    for (let each = 0; each < worksPerLook; each++) if (work() !== undefined) seen++;
    count += worksPerLook;
    const { user, system } = process.cpuUsage(begin);
    spent = user + system;
  }
  if (seen > count) throw new Error("expected a work to be seen once");
  return (count * microsPerSecond) / spent;
}
