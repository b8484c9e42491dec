import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createTemporaryFolder } from "@messnetz/testing";
import type { Road } from "./road.ts";
import { type LoadFigures, runLoad } from "./run-load.ts";
import { countStored } from "./stored-messages.ts";

/** The same for every road: 200 bytes, three readings, each with its time. */
export const loadOptions = {
  connections: 50,
  devices: 1000,
  "times-in-records": true,
  reconnects: true,
} as const;

export interface TaggedLoad {
  readonly load: LoadFigures;
  readonly tags: Float64Array;
}

/** Runs the load and tells which messages were acknowledged. */
export async function runTaggedLoad(road: Road, options: Readonly<Record<string, number>>): Promise<TaggedLoad> {
  await using folder = await createTemporaryFolder();
  const file = join(folder.path, "tags");
  const load = await runLoad(road.target, { ...loadOptions, ...options, tags: file });
  const bytes = await readFile(file);
  return { load, tags: new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8) };
}

/**
 * When the count of stored messages changed last, milliseconds since 1970: all are there, or nothing has come for a while. The count takes a database
 * that works longer the more it holds, so it is asked for a tenth of the time at most.
 */
export async function standstill(
  road: Road,
  { atLeast, quietMs }: { readonly atLeast: number; readonly quietMs: number },
): Promise<number> {
  let count = -1;
  let changedAt = Date.now();
  for (;;) {
    const askedAt = Date.now();
    const now = await countStored(road.influx, road.stored).catch(() => count);
    if (now !== count) changedAt = Date.now();
    count = now;
    if (count >= atLeast || Date.now() - changedAt > quietMs) return changedAt;
    await delay(Math.max(pollMs, pauseShare * (Date.now() - askedAt)));
  }
}

const pollMs = 100;
const pauseShare = 9;
