import { eventually } from "@messnetz/testing";
import { createLoad } from "./messages.ts";
import { createPublisher } from "./publisher.ts";
import type { Road } from "./road.ts";
import { runLoad } from "./run-load.ts";
import { countStoredOf } from "./stored-messages.ts";
import { loadOptions } from "./tagged-load.ts";

/** From publish to readable in InfluxDB, beside a paced load. */
export interface LagFigures {
  readonly rate: number;
  readonly probes: number;
  readonly p50Ms: number;
  readonly maxMs: number;
}

const probedDevice = 900_000;
const lagRate = 10_000;
const giveUpMs = 120_000;

/** A paced load for so many seconds; beside it one message after the other is published and looked for in InfluxDB. */
export async function measureLag(road: Road, seconds: number): Promise<LagFigures> {
  let isOver = false;
  const loading = runLoad(road.target, {
    ...loadOptions,
    seconds,
    rate: lagRate,
    "starts-at": Date.now() - 21_600_000,
  }).finally(() => (isOver = true));
  const next = createLoad({
    devices: 1,
    firstDevice: probedDevice,
    startsAt: Date.now() - 86_400_000,
    timesInRecords: true,
  });
  let due = 0;
  const probe = createPublisher({
    ...road.target,
    clientId: "probe",
    window: 1,
    reconnects: true,
    next: () => (due-- > 0 ? next() : undefined),
    onAcknowledged: () => undefined,
  });
  const times: number[] = [];
  while (!isOver) {
    const sentAt = performance.now();
    due = 1;
    probe.pump();
    const wanted = times.length + 1;
    const seen = await eventually(
      "a probe in InfluxDB",
      async () => (await countStoredOf(road.influx, road.stored, probedDevice)) >= wanted || isOver,
      giveUpMs,
    );
    if (seen && !isOver) times.push(performance.now() - sentAt);
  }
  await loading;
  probe.close();
  const sorted = times.toSorted((a, b) => a - b);
  return {
    rate: lagRate,
    probes: sorted.length,
    p50Ms: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    maxMs: sorted.at(-1) ?? Number.NaN,
  };
}
