import { type Entrance, openRegionRoad, queryInflux, readStored, type RegionRoad } from "@messnetz/bench";
import { eventually, findProgram } from "@messnetz/testing";

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

export interface RegionTrial extends AsyncDisposable {
  readonly road: RegionRoad;
  /** From 0 to 1, from the seed. */
  random(): number;
  readonly seed: number;
  /** Tags of the load's messages in InfluxDB, read there directly; and how many points of all measurements there are. */
  stored(): Promise<{ readonly tags: ReadonlyMap<number, number>; readonly points: number }>;
  /** Sums of the ledger, as the API tells them. Throws where a row does not balance. */
  ledger(): Promise<LedgerCounts>;
  /** Resolves when InfluxDB holds each of these tags and the ledger has counted everything; with what is missing after `withinMs` it resolves too. */
  settled(tags: Iterable<number>, withinMs: number): Promise<void>;
}

const measurements = ["water_level", "water_temperature", "battery_voltage"];

export async function openRegionTrial(entrance: Entrance): Promise<RegionTrial> {
  const road = await openRegionRoad(entrance);
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

  async function ledger(): Promise<LedgerCounts> {
    const sums = { received: 0, stored: 0, partial: 0, skipped: 0, duplicate: 0, quarantined: 0, refused: 0 };
    let observations = 0;
    const reply = await fetch(`${road.region.url}/api/v1/ledger`, {
      headers: { authorization: `Bearer ${road.token}` },
    });
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

  return {
    road,
    seed,
    random() {
      spin = (Math.imul(spin, 1_103_515_245) + 12_345) & 0x7fffffff;
      return spin / 0x7fffffff;
    },
    stored: async () => ({ tags: await readStored(road.influx, road.stored), points: await points() }),
    ledger,
    async settled(tags, withinMs) {
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
    },
    [Symbol.asyncDispose]: () => road[Symbol.asyncDispose](),
  };
}
