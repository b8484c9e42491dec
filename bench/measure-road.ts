import { type LagFigures, measureLag } from "./measure-lag.ts";
import type { Road } from "./road.ts";
import { readStored } from "./stored-messages.ts";
import { loadOptions, runTaggedLoad, standstill } from "./tagged-load.ts";

export interface RoadFigures {
  readonly name: string;
  /** Messages that were published and acknowledged at the road's beginning. */
  readonly acknowledged: number;
  readonly acknowledgedPerSecond: number;
  readonly stored: number;
  /** From the first publish to the last point in InfluxDB. */
  readonly storedPerSecond: number;
  /** How long that took, warm-up not counted. */
  readonly windowSeconds: number;
  readonly lost: number;
  /** Microseconds of CPU a message, of each part in the order of the road; the generator's own comes last. */
  readonly cpuMicros: readonly { readonly name: string; readonly micros: number }[];
  readonly lag: LagFigures;
}

/** Messages before those that are measured: devices are known then, series are there, and code is compiled. */
const warmUpMessages = 45_000;

/** A full load of so many messages, and then a paced one for so many seconds with single messages looked for on their way. */
export async function measureRoad(
  road: Road,
  { messages, lagSeconds }: { readonly messages: number; readonly lagSeconds: number },
): Promise<RoadFigures> {
  const startsAt = Date.now() - 86_400_000;
  const warmUp = await runTaggedLoad(road, { messages: warmUpMessages, "starts-at": startsAt });
  const warm = warmUp.load.acknowledged;
  await standstill(road, { atLeast: warm, quietMs: 5_000 });
  const before = road.parts.map((part) => part.cpuSeconds());
  const full = await runTaggedLoad(road, {
    messages,
    "starts-at": startsAt,
    // Behind what a device may have sent in the warm-up, which connections do not share alike.
    "first-sequence": (3 * warmUpMessages) / loadOptions.devices,
  });
  const endedAt = await standstill(road, { atLeast: warm + full.load.acknowledged, quietMs: 5_000 });
  const windowSeconds = (endedAt - full.load.startedAt) / 1000;
  const cpu = road.parts.map((part, n) => part.cpuSeconds() - before[n]!);
  const lag = await measureLag(road, lagSeconds);
  await road.settle();
  const lost = await countLost(road, [warmUp.tags, full.tags]);
  const stored = full.load.acknowledged - lost;
  const micros = (seconds: number) => (seconds / full.load.acknowledged) * 1e6;
  return {
    name: road.name,
    acknowledged: full.load.acknowledged,
    acknowledgedPerSecond: full.load.perSecond,
    stored,
    storedPerSecond: stored / windowSeconds,
    windowSeconds,
    lost,
    cpuMicros: [
      ...road.parts.map(({ name }, n) => ({ name, micros: micros(cpu[n]!) })),
      { name: "generator", micros: micros(full.load.generatorCpuSeconds) },
    ],
    lag,
  };
}

async function countLost(road: Road, loads: readonly Float64Array[]): Promise<number> {
  const stored = await readStored(road.influx, road.stored);
  let lost = 0;
  for (const tags of loads) for (const tag of tags) if (!stored.has(tag)) lost++;
  return lost;
}
