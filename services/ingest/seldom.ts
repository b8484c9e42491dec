/** What others can cause is logged at most this often per kind, with the number left out. */
const quietMs = 10_000;

/** Writes what is `seldom` told: the first of a kind, and then at most one in 10 s with how many were left out. `now`: milliseconds, monotonic. */
export function createSeldom(now: () => number): (kind: string, write: (more: object) => void) => void {
  const quiet = new Map<string, { until: number; suppressed: number }>();
  return function seldom(kind, write) {
    const at = now();
    const state = quiet.get(kind);
    if (state !== undefined && at < state.until) {
      state.suppressed++;
      return;
    }
    quiet.set(kind, { until: at + quietMs, suppressed: 0 });
    write(state === undefined || state.suppressed === 0 ? {} : { suppressed: state.suppressed });
  };
}
