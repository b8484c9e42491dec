import type { Observation } from "@messnetz/model";
import { observation, start } from "../samples.fixture.ts";

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;

/** The same in the process that is killed and in the one that looks at what is left. */
export const closingOptions = {
  quarantine: { maxBytes: 1000, maxAgeMs: dayMs },
  clock: () => start + 80 * dayMs,
  checkpointMb: 1,
  recentIdentities: 300,
  rowsPerFile: 400,
};

/** Rows number `n`: over three months, some of them late, some met before and some of these with a later revision. */
export function scatteredRows(n: number): Observation[] {
  return Array.from({ length: 150 }, (_, k) => {
    const place = (n * 7919 + k * 104_729) % 1500;
    const phenomenonTime = start - 40 * dayMs + place * 60 * minuteMs;
    const revision = 1 + (n % 3);
    const result = k % 50 === 0 ? `word ${n}` : n + k / 1000;
    return observation({ datastream: `thing-${k % 5}/x`, phenomenonTime, resultTime: start, result, revision });
  });
}
