/** What comes again and again while something lasts is logged at most this often per kind, with the number left out. */
const quietMs = 10_000;

/** Calls `write`, or leaves it out and counts; `more` says how many were left out. */
export type Seldom = (kind: string, write: (more: { readonly suppressed?: number }) => void) => void;

/** `now` in milliseconds, monotonic. */
export function createSeldom(now: () => number): Seldom {
  const quiet = new Map<string, { until: number; suppressed: number }>();
  return (kind, write) => {
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
