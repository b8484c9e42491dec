import { pause } from "@messnetz/runtime";
import type { Source } from "./ports.ts";
import type { Pump } from "./pump.ts";

export interface UpkeptPump extends Pick<Pump, "partition" | "writtenTo"> {
  source(): Pick<Source, "fill" | "firstSeqSince" | "purge"> | undefined;
}

export interface UpkeepOptions {
  /** Of the stream of observations. */
  readonly pumps: readonly UpkeptPump[];
  readonly keepMs: number;
  /** Of the stream's size, in percent: above it what is written goes earlier. */
  readonly maxFillPercent: number;
  readonly everyMs: number;
  readonly now?: () => number;
  readonly events: {
    purged(partition: string, upToSeq: number, reason: PurgeReason): void;
    upkeepFailed(error: unknown): void;
  };
}

export const purgeReasons = ["age", "fill"] as const;
export type PurgeReason = (typeof purgeReasons)[number];

const firstPauseMs = 1000;

/**
 * Takes out of the stream what is written and old, or written and in the way. Never what is not written: a stream that is full means a backlog,
 * and devices then hear nothing until there is room.
 */
export function startUpkeep(options: UpkeepOptions): { close(): Promise<void> } {
  const { events, keepMs, maxFillPercent } = options;
  const now = options.now ?? Date.now;
  const ending = new AbortController();
  const purgedTo = new Map<string, number>();

  async function look({ partition, writtenTo, source }: UpkeptPump): Promise<void> {
    const stream = source();
    const written = writtenTo();
    // The stream was made anew: its numbers begin again.
    if (written < (purgedTo.get(partition) ?? 0)) purgedTo.delete(partition);
    if (stream === undefined || written <= (purgedTo.get(partition) ?? 0)) return;
    const { bytes, maxBytes } = await stream.fill();
    const isFull = maxBytes > 0 && bytes * 100 > maxBytes * maxFillPercent;
    const upTo = isFull ? written : Math.min(written, (await stream.firstSeqSince(now() - keepMs)) - 1);
    if (upTo <= (purgedTo.get(partition) ?? 0)) return;
    await stream.purge(upTo);
    purgedTo.set(partition, upTo);
    events.purged(partition, upTo, isFull ? "fill" : "age");
  }

  async function run(): Promise<void> {
    // The first look comes soon: after a long backlog there may be no room for more.
    for (let pauseMs = Math.min(firstPauseMs, options.everyMs); !ending.signal.aborted; pauseMs = options.everyMs) {
      await pause(pauseMs, ending.signal);
      if (ending.signal.aborted) return;
      for (const pump of options.pumps) await look(pump).catch(events.upkeepFailed);
    }
  }

  const running = run();
  return {
    async close() {
      ending.abort();
      await running;
    },
  };
}
