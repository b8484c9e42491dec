import { type LagFigures, measureLag } from "./measure-lag.ts";
import type { Road } from "./road.ts";
import { readStored } from "./stored-messages.ts";
import { runTaggedLoad, standstill } from "./tagged-load.ts";

export interface RoadFigures {
  readonly name: string;
  /** Messages that were published and acknowledged at the road's beginning. */
  readonly acknowledged: number;
  readonly acknowledgedPerSecond: number;
  readonly stored: number;
  /** From the first publish to the last point in InfluxDB. */
  readonly storedPerSecond: number;
  readonly lost: number;
  /** Microseconds of CPU a message, of each part in the order of the road; the generator's own comes last. */
  readonly cpuMicros: readonly { readonly name: string; readonly micros: number }[];
  readonly lag: LagFigures;
}

/** A full load of so many messages, and then a paced one for so many seconds with single messages looked for on their way. */
export async function measureRoad(
  road: Road,
  { messages, lagSeconds }: { readonly messages: number; readonly lagSeconds: number },
): Promise<RoadFigures> {
  const startsAt = Date.now() - 86_400_000;
  const before = road.parts.map((part) => part.cpuSeconds());
  const full = await runTaggedLoad(road, { messages, "starts-at": startsAt });
  const endedAt = await standstill(road, { atLeast: full.load.acknowledged, quietMs: 5_000 });
  const cpu = road.parts.map((part, n) => part.cpuSeconds() - before[n]!);
  const lag = await measureLag(road, lagSeconds);
  await road.settle();
  const lost = await countLost(road, full.tags);
  const stored = full.load.acknowledged - lost;
  const micros = (seconds: number) => (seconds / full.load.acknowledged) * 1e6;
  return {
    name: road.name,
    acknowledged: full.load.acknowledged,
    acknowledgedPerSecond: full.load.perSecond,
    stored,
    storedPerSecond: stored / ((endedAt - full.startedAt) / 1000),
    lost,
    cpuMicros: [
      ...road.parts.map(({ name }, n) => ({ name, micros: micros(cpu[n]!) })),
      { name: "generator", micros: micros(full.load.generatorCpuSeconds) },
    ],
    lag,
  };
}

async function countLost(road: Road, tags: Float64Array): Promise<number> {
  const stored = await readStored(road.influx, road.stored);
  let lost = 0;
  for (const tag of tags) if (!stored.has(tag)) lost++;
  return lost;
}
