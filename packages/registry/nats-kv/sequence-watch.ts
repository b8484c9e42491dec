/** How far we are in a stream, for who waits until we are somewhere. */
export interface SequenceWatch {
  readonly current: number;
  advance(to: number): void;
  /** Also backwards. */
  reset(to: number): void;
  /** Rejects when it is not reached in time. */
  reached(sequence: number, withinMs: number): Promise<void>;
}

export function createSequenceWatch(start: number): SequenceWatch {
  let current = start;
  const waiting = new Set<{ readonly sequence: number; readonly resolve: () => void }>();

  function reset(to: number): void {
    current = to;
    for (const each of waiting) {
      if (each.sequence > current) continue;
      waiting.delete(each);
      each.resolve();
    }
  }

  return {
    get current() {
      return current;
    },
    advance: (to) => reset(Math.max(current, to)),
    reset,
    async reached(sequence, withinMs) {
      if (sequence <= current) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const entry = { sequence, resolve };
      const timer = setTimeout(
        () => {
          waiting.delete(entry);
          reject(new Error(`expected to have read message ${sequence} by now, came ${current}`));
        },
        Math.max(0, withinMs),
      );
      waiting.add(entry);
      await promise.finally(() => clearTimeout(timer));
    },
  };
}
