const firstMs = 500;
const maxMs = 30_000;

/**
 * How long to wait before the next attempt, after so many that failed in a row: doubled each time up to 30 s, and between half of it and
 * all of it by chance, so that many clients do not come back to a broker at the same moment. `random`: 0 up to 1.
 */
export function backOffMs(failures: number, random: () => number): number {
  const whole = Math.min(maxMs, firstMs * 2 ** Math.min(failures, 16));
  return whole * (0.5 + random() / 2);
}
