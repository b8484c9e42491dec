import { pause } from "@messnetz/runtime";
import type { Pump } from "./pump.ts";

/** How far a partition is behind. */
export interface Lag {
  /** On the bus and not written. */
  readonly messages: number;
  /** Since the oldest of them was published; 0 where there is none. */
  readonly oldestMs: number;
}

export interface LagWatchOptions {
  readonly pumps: readonly Pick<Pump, "partition" | "source">[];
  readonly everyMs: number;
  readonly events: { lagUnknown(error: unknown): void };
}

export interface LagWatch {
  /** What was seen last; undefined where nobody could tell. */
  of(partition: string): Lag | undefined;
  close(): Promise<void>;
}

/** Asks now and then: a scrape then has an answer at once, also while the bus is away. */
export function startLagWatch({ pumps, everyMs, events }: LagWatchOptions): LagWatch {
  const ending = new AbortController();
  const lags = new Map<string, Lag>();

  async function look(): Promise<void> {
    for (const pump of pumps) {
      try {
        const lag = await pump.source()?.lag();
        if (lag !== undefined) lags.set(pump.partition, lag);
        else lags.delete(pump.partition);
      } catch (error) {
        lags.delete(pump.partition);
        events.lagUnknown(error);
      }
    }
  }

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      await look();
      await pause(everyMs, ending.signal);
    }
  }

  const running = run();
  return {
    of: (partition) => lags.get(partition),
    async close() {
      ending.abort();
      await running;
    },
  };
}
