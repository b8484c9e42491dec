import { setTimeout as delay } from "node:timers/promises";
import type { Road } from "./road.ts";
import { readStored } from "./stored-messages.ts";
import { loadOptions, runTaggedLoad, standstill } from "./tagged-load.ts";

export interface LossFigures {
  readonly road: string;
  readonly killed: string;
  readonly acknowledged: number;
  readonly lost: number;
  /** Points of one message beyond the first. */
  readonly twice: number;
}

/** How long it is away: as long as a supervisor and a server that opens its files take. */
const awayMs = 5_000;
const lossRate = 5_000;
const lossSeconds = 10;
/** Longer than the first pauses of those who try again. */
const quietAfterKillMs = 10_000;

/** Else what is still starting would be behind when the part is killed, by more on one road than on another. */
const warmUpMessages = 20_000;

/** After a warm-up a paced load; after a quarter of it the part is killed with SIGKILL, and started again five seconds later. */
export async function measureLoss(road: Road, partName: string): Promise<LossFigures> {
  const part = road.parts.find(({ name }) => name === partName);
  if (part === undefined) throw new Error(`expected a part of ${road.name}, came ${partName}`);
  const startsAt = Date.now() - 43_200_000;
  const warmUp = await runTaggedLoad(road, { messages: warmUpMessages, rate: lossRate * 2, "starts-at": startsAt });
  await standstill(road, { atLeast: warmUp.load.acknowledged, quietMs: quietAfterKillMs });
  const options = {
    seconds: lossSeconds,
    rate: lossRate,
    "starts-at": startsAt,
    "first-sequence": (3 * warmUpMessages) / loadOptions.devices,
  };
  const loading = runTaggedLoad(road, options);
  await delay((lossSeconds * 1000) / 4);
  await part.kill();
  await delay(awayMs);
  await part.start();
  const { load, tags } = await loading;
  await standstill(road, { atLeast: warmUp.load.acknowledged + load.acknowledged, quietMs: quietAfterKillMs });
  await road.settle();
  const stored = await readStored(road.influx, road.stored);
  let lost = 0;
  let twice = 0;
  for (const tag of tags) if (!stored.has(tag)) lost++;
  for (const points of stored.values()) twice += points - 1;
  return { road: road.name, killed: partName, acknowledged: load.acknowledged, lost, twice };
}
