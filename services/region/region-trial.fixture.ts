import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Entrance,
  openRegionRoad,
  queryInflux,
  readStored,
  type RegionRoad,
  type RegionRoadOptions,
} from "@messnetz/bench";
import { eventually, findProgram } from "@messnetz/testing";
import { expect } from "vitest";

export const isFull = process.env["MESSNETZ_TRIALS"] === "full";

/** What a region needs and this machine lacks. */
export const missingServers = ["mosquitto", "nats-server", "influxd"].filter((name) => findProgram(name) === undefined);

export interface LedgerCounts {
  readonly received: number;
  readonly stored: number;
  readonly partial: number;
  readonly skipped: number;
  readonly duplicate: number;
  readonly quarantined: number;
  readonly refused: number;
  readonly observations: number;
}

/** What a service says of itself. */
export interface Readiness {
  readonly ok: boolean;
  /** Names of what it cannot do without, and does not have. */
  readonly failing: readonly string[];
}

export interface RegionTrial extends AsyncDisposable {
  readonly road: RegionRoad;
  /** From 0 to 1, from the seed. */
  random(): number;
  readonly seed: number;
  /** Tags of the load's messages in InfluxDB, read there directly; and how many points of all measurements there are. */
  stored(): Promise<{ readonly tags: ReadonlyMap<number, number>; readonly points: number }>;
  /** Sums of the ledger, as the API tells them, of one source or of all. Throws where a row does not balance. */
  ledger(source?: string): Promise<LedgerCounts>;
  /** Resolves when InfluxDB holds each of these tags and the ledger has counted everything; with what is missing after `withinMs` it resolves too. */
  settled(tags: Iterable<number>, withinMs: number): Promise<void>;
  /** Asks the API with the token of `bench`. */
  ask(path: string): Promise<Response>;
  /** Of a writer, an ingest process or the API. */
  readiness(part: string): Promise<Readiness>;
  /** A metric of a writer or an ingest process, summed over its labels. */
  metric(part: string, name: string): Promise<number>;
  /** Resident memory of a part, in MB. */
  memory(part: string): Promise<number>;
  /** Waits, and expects each of these messages in InfluxDB, no message twice, and a ledger that says the same. */
  expectEachOnce(acknowledged: Iterable<number>, withinMs?: number): Promise<LedgerCounts>;
}

const shownTags = 10;
const measurements = ["water_level", "water_temperature", "battery_voltage"];

export async function openRegionTrial(entrance: Entrance, options: RegionRoadOptions = {}): Promise<RegionTrial> {
  const road = await openRegionRoad(entrance, options);
  const seed = Date.now() % 1_000_000;
  let spin = seed;

  async function points(): Promise<number> {
    let sum = 0;
    for (const measurement of measurements) {
      for await (const line of queryInflux(road.influx, `SELECT count("value") FROM "${measurement}"`)) {
        const last = line.slice(line.lastIndexOf(",") + 1);
        if (/^\d+$/.test(last)) sum += Number(last);
      }
    }
    return sum;
  }

  async function ledger(source?: string): Promise<LedgerCounts> {
    const sums = { received: 0, stored: 0, partial: 0, skipped: 0, duplicate: 0, quarantined: 0, refused: 0 };
    let observations = 0;
    const reply = await ask(`/api/v1/ledger${source === undefined ? "" : `?source=${source}`}`);
    if (!reply.ok) throw new Error(`expected the ledger, came ${reply.status} ${await reply.text()}`);
    const { items } = (await reply.json()) as { items: LedgerCounts[] };
    for (const row of items) {
      const { received, stored, partial, skipped, duplicate, quarantined, refused } = row;
      if (received !== stored + partial + skipped + duplicate + quarantined + refused)
        throw new Error(`expected a row that balances, came ${JSON.stringify(row)}`);
      for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += row[key];
      observations += row.observations;
    }
    return { ...sums, observations };
  }

  const ask = (path: string): Promise<Response> =>
    fetch(road.region.url + path, { headers: { authorization: `Bearer ${road.token}` } });

  /** Services tell in their log where they serve health and metrics. */
  async function operationsOf(part: string): Promise<string> {
    const log = await readFile(join(road.dataDirectory, "logs", `${part}.log`), "utf8");
    const told = log
      .split("\n")
      .find((line) => line.includes("Health and metrics are served") || line.includes("Ingest runs"));
    const [, port] = /"port":(\d+)(?!.*"port")/.exec(told ?? "") ?? [];
    if (port === undefined) throw new Error(`expected the log of ${part} to say where its metrics are`);
    return `http://127.0.0.1:${port}`;
  }

  async function readAll() {
    return { tags: await readStored(road.influx, road.stored), points: await points() };
  }

  async function settled(tags: Iterable<number>, withinMs: number): Promise<void> {
    const wanted = [...tags];
    let before = -1;
    await eventually(
      "everything acknowledged in InfluxDB, and a ledger that stands still",
      async () => {
        const there = await readStored(road.influx, road.stored);
        const { received } = await ledger();
        const stands = received === before;
        before = received;
        return stands && wanted.every((tag) => there.has(tag));
      },
      withinMs,
    ).catch(() => undefined); // what is missing is told by the comparison that follows
  }

  return {
    road,
    seed,
    random() {
      spin = (Math.imul(spin, 1_103_515_245) + 12_345) & 0x7fffffff;
      return spin / 0x7fffffff;
    },
    stored: readAll,
    ledger,
    settled,
    ask,
    async readiness(part) {
      const reply = part === "api" ? await ask("/readyz") : await fetch(`${await operationsOf(part)}/ready`);
      const { checks } = (await reply.json()) as { checks: Record<string, { ok: boolean }> };
      const failing = Object.keys(checks).filter((name) => !checks[name]!.ok);
      return { ok: reply.ok, failing };
    },
    async metric(part, name) {
      const text = await (await fetch(`${await operationsOf(part)}/metrics`)).text();
      const lines = text.split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
    },
    async memory(part) {
      const status = await readFile(`/proc/${road.region.part(part).pid}/status`, "utf8");
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    },
    async expectEachOnce(acknowledged, withinMs = 60_000) {
      const wanted = [...acknowledged];
      await settled(wanted, withinMs);
      const { tags, points: all } = await readAll();
      const lost = wanted.filter((tag) => !tags.has(tag));
      const twice = [...tags].filter(([, count]) => count > 1).map(([tag]) => tag);
      const what = { seed, lost: lost.length, firstLost: lost.slice(0, shownTags), twice: twice.length };
      expect(what).toEqual({ seed, lost: 0, firstLost: [], twice: 0 });
      const told = await ledger();
      expect(told).toMatchObject({ stored: tags.size, observations: all });
      return told;
    },
    [Symbol.asyncDispose]: () => road[Symbol.asyncDispose](),
  };
}
