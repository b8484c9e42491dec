import { openInfluxStore } from "@messnetz/store";
import { anObservation, eventually, findInfluxServers, startInflux } from "@messnetz/testing";
import { describe, expect, test } from "vitest";
import { createLateObservations } from "./late-observations.ts";

const generation = findInfluxServers().at(-1)?.generation;
const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;

function level(minute: number) {
  const at = hour - 3_600_000 + minute * 60_000;
  return anObservation({ datastream: "weir-1/water_level", phenomenonTime: at, resultTime: at, result: minute });
}

describe.skipIf(generation === undefined)("newest values of the API (influxd)", () => {
  test("what the bus lost before it came here is learned from InfluxDB, also when that is away at first", async () => {
    await using influx = await startInflux({ version: generation! });
    const { url, database, org } = influx;
    const open = async (account: typeof influx.writer) =>
      openInfluxStore({
        url,
        database,
        ...(org !== undefined && { org }),
        ...account,
        timeoutMs: 5000,
        domainOf: () => "water",
      });
    const writer = await open(influx.writer);
    const end = new AbortController();
    let learned = 0;
    const observations = createLateObservations({
      signal: end.signal,
      catchUp: () => undefined,
      onLearned: () => void learned++,
      onLearningFailed(cause) {
        throw cause;
      },
    });
    await writer.write([level(1)]);
    const reader = await open(influx.reader);
    observations.opened(reader);
    const latest = async () => (await observations.latest({})).map(({ result }) => result);
    expect(await latest()).toEqual([1]);

    await writer.write([level(2)]);
    expect(await latest()).toEqual([1]);
    await influx.kill();
    observations.missed();
    await influx.restart();
    await eventually("the newest", async () => (await latest())[0] === 2);
    expect(learned).toBe(1);
    end.abort();
    await reader.close();
    await writer.close();
  }, 30_000);

  test("what was removed is not told any more: not where it waited to be observed, came before the store was open, or InfluxDB was away", async () => {
    await using influx = await startInflux({ version: generation! });
    const { url, database, org } = influx;
    const open = async (account: typeof influx.writer) =>
      openInfluxStore({
        url,
        database,
        ...(org !== undefined && { org }),
        ...account,
        timeoutMs: 5000,
        domainOf: () => "water",
      });
    const writer = await open(influx.writer);
    const end = new AbortController();
    const waiting = [level(3)];
    const observations = createLateObservations({
      signal: end.signal,
      catchUp: () => observations.observe(waiting.splice(0)),
      onLearned: () => undefined,
      onLearningFailed(cause) {
        throw cause;
      },
    });
    const latest = async () => (await observations.latest({})).map(({ result }) => result);
    const spanOf = (minute: number) => {
      const from = level(minute).phenomenonTime;
      return { things: ["weir-1"], interval: { from, to: from + 1 } };
    };
    await writer.write([level(1), level(2), level(3), level(4)]);
    const reader = await open(influx.reader);
    await writer.remove(spanOf(4));
    await observations.removed(spanOf(4));
    observations.opened(reader);
    await eventually("the newest of what is left", async () => (await latest())[0] === 3);

    await writer.remove(spanOf(3));
    waiting.push(level(3));
    await observations.removed(spanOf(3));
    expect(await latest()).toEqual([2]);

    await writer.remove(spanOf(2));
    await influx.kill();
    const forgotten = observations.removed(spanOf(2));
    await influx.restart();
    await forgotten;
    expect(await latest()).toEqual([1]);
    end.abort();
    await reader.close();
    await writer.close();
  }, 30_000);
});
