import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { declareObservationStream } from "@messnetz/bus";
import { openJetStreamQuarantine } from "@messnetz/store";
import { eventually, findInfluxServers, findNatsServers, freePort, startChild } from "@messnetz/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  askOperations,
  faultsOf,
  numbered,
  startTrialRegion,
  type TrialMessage,
  type TrialRegion,
  type WriterProcessOptions,
} from "./trial-region.fixture.ts";

const isFull = process.env["MESSNETZ_TRIALS"] === "full";
const found = new Set(findInfluxServers().map(({ generation }) => generation));
/** The short form is run with the newest that is there. */
const generations = isFull ? ([1, 2] as const) : [found.has(2) ? (2 as const) : (1 as const)];
const hasNats = findNatsServers().length > 0;
const rounds = isFull ? 20 : 1;
// A writer is a process that starts, and other tests run beside this one.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });
const patienceMs = 60_000;

/** Between two messages of the bus: a load, not a flood. */
const paceMs = 5;
const steps = ["after-append", "after-write", "before-ack"] as const;

describe.each(generations)("the writer on InfluxDB %d", (generation) => {
  const missing = !hasNats || !found.has(generation);
  let region: TrialRegion;
  beforeAll(async () => {
    if (!missing) region = await startTrialRegion({ influx: generation, nats: generation === 1 ? "debian" : "newest" });
  });
  afterAll(async () => {
    if (!missing) await region[Symbol.asyncDispose]();
  });

  async function startWriter(domain: string, options: WriterProcessOptions = {}) {
    const env = { MESSNETZ_WRITER_PARTITIONS: `${domain},quarantine`, ...options.env };
    return region.startWriter({ ...options, env });
  }

  async function settled(measurement: string, count: number, withinMs = patienceMs): Promise<void> {
    await eventually(
      `${count} rows of ${measurement} in InfluxDB`,
      async () => (await region.count(measurement)) >= count,
      withinMs,
    );
  }

  /** Nothing of the domain waits any more. Asked of NATS: counting in InfluxDB would take from the writer what is measured. */
  async function drained(domain: string, withinMs: number): Promise<void> {
    await eventually(
      `nothing of ${domain} to wait`,
      async () => {
        await delay(50);
        const info = await region.link.manager.consumers.info("OBSERVATIONS", `writer-${domain}`);
        return info.num_pending + info.num_ack_pending === 0;
      },
      withinMs,
    );
  }

  async function counted(source: string, received: number): Promise<Readonly<Record<string, number>>> {
    return eventually(
      `${received} messages of ${source} in the ledger`,
      async () => {
        const sums = await region.ledgerOf(source);
        return (sums["received"] ?? 0) >= received && sums;
      },
      patienceMs,
    );
  }

  async function quarantined(source: string) {
    const limits = { maxBytes: 2 ** 30, maxAgeMs: 90 * 86_400_000 };
    const quarantine = await openJetStreamQuarantine({
      link: region.link,
      limits,
      replicas: 1,
      maxBytes: 64_000_000,
    });
    try {
      const entries = await quarantine.list({ sources: [source], limit: 100 });
      return await Promise.all(entries.map(async ({ id }) => (await quarantine.get(id))!));
    } finally {
      await quarantine.close();
    }
  }

  /** Messages of two observations each, from `first` on. */
  function pairs(property: string, first: number, count: number): TrialMessage[] {
    return Array.from({ length: count }, (_, n) => ({
      source: property,
      device: `mac:${n % 3}`,
      elements: [numbered(property, first + 2 * n), numbered(property, first + 2 * n + 1)],
    }));
  }

  it.skipIf(missing)("carries what is on the bus to the store, counts it, and ends in order on SIGTERM", async () => {
    const writer = await startWriter("water");
    await writer.sees(/The writer runs/, patienceMs);
    for (let n = 0; n < 20; n++) await region.publish("water", pairs("plain", 2 * n, 1));
    await settled("plain", 40);
    expect(faultsOf(await region.rows("plain"), 40)).toEqual([]);
    expect(await counted("plain", 20)).toMatchObject({ received: 20, stored: 20, duplicate: 0, observations: 40 });
    expect(await writer.stop()).toEqual({ code: 0 });
  });

  it.skipIf(missing).each(steps)(
    "killed %s, it writes once, counts once, and the later revision stands",
    async (step) => {
      const property = step.replace("-", "_");
      const later = { revision: 2, result: -1 };
      const writer = await startWriter("energy", { failsAt: `${step}:2` });
      await region.publish("energy", pairs(property, 0, 3));
      await settled(property, 6);
      await region.publish("energy", [
        { source: property, elements: [numbered(property, 5, later), numbered(property, 6)] },
      ]);
      expect(await writer.ended()).toEqual({ signal: "SIGKILL" });
      await region.publish("energy", [{ source: property, elements: [numbered(property, 5), numbered(property, 7)] }]);
      const next = await startWriter("energy");
      await settled(property, 8);
      const rows = await region.rows(property);
      expect(rows.map(({ value }) => Number(value)).toSorted((a, b) => a - b)).toEqual([-1, 0, 1, 2, 3, 4, 6, 7]);
      expect(await counted(property, 5)).toMatchObject({ received: 5, stored: 5, duplicate: 0, observations: 8 });
      await next.stop();
    },
  );

  it.skipIf(missing)(
    `killed at random ${rounds} times under load, it loses nothing and writes and counts once`,
    async () => {
      const property = "random_kills";
      const seed = Date.now() % 100_000;
      let spin = seed;
      const random = () => (spin = (Math.imul(spin, 1_103_515_245) + 12_345) & 0x7fffffff) / 0x7fffffff;
      let published = 0;
      const ending = new AbortController();
      const publishing = (async () => {
        while (!ending.signal.aborted) {
          const count = 1 + Math.floor(random() * 20);
          await region.publish("waste", pairs(property, 2 * published, count));
          published += count;
          await delay(paceMs);
        }
      })();
      let writer = await startWriter("waste");
      for (let round = 0; round < rounds; round++) {
        await writer.sees(/The writer runs/, patienceMs);
        await delay(50 + random() * 700);
        await writer.kill();
        writer = await startWriter("waste");
      }
      ending.abort();
      await publishing;
      await settled(property, 2 * published);
      const sums = await counted(property, published);
      await writer.stop();
      expect({ seed, faults: faultsOf(await region.rows(property), 2 * published) }).toEqual({ seed, faults: [] });
      expect({ seed, ...sums }).toMatchObject({
        seed,
        received: published,
        stored: published,
        duplicate: 0,
        observations: 2 * published,
      });
      process.stdout.write(
        `writer, InfluxDB ${generation}: seed ${seed}, ${rounds} kills, ${published} messages, once each\n`,
      );
    },
    300_000,
  );

  it.skipIf(missing)(
    "drains the backlog when InfluxDB was killed and away, and NATS too",
    async () => {
      const property = "away";
      const writer = await startWriter("traffic");
      await region.publish("traffic", pairs(property, 0, 1));
      await settled(property, 2);
      await region.influx.kill();
      let published = 1;
      const awayMs = isFull ? 60_000 : 1500;
      const began = performance.now();
      while (performance.now() - began < awayMs) {
        await region.publish("traffic", pairs(property, 2 * published, 50));
        published += 50;
        await delay(paceMs);
      }
      const inputPerSecond = (2 * published * 1000) / (performance.now() - began);
      await writer.sees(/The store takes nothing now/, patienceMs);
      const [status, text] = await askOperations(writer, "/ready");
      expect([status, JSON.parse(text)]).toMatchObject([503, { ok: false, checks: { store: { ok: false } } }]);
      const [, metrics] = await askOperations(writer, "/metrics");
      expect(metrics).toMatch(/messnetz_writer_store_failures_total [1-9]/);
      await region.nats.kill();
      await region.nats.restart();
      await region.influx.restart();
      const returned = performance.now();
      await drained("traffic", 200_000);
      await eventually(
        "the writer to be ready",
        async () => (await askOperations(writer, "/ready"))[0] === 200,
        patienceMs,
      );
      const drainPerSecond = (2 * (published - 1)) / ((performance.now() - returned) / 1000);
      expect(faultsOf(await region.rows(property), 2 * published)).toEqual([]);
      expect(await counted(property, published)).toMatchObject({
        received: published,
        stored: published,
        duplicate: 0,
      });
      await writer.stop();
      process.stdout.write(
        `writer, InfluxDB ${generation}: backlog of ${2 * published} observations, in at ${Math.round(inputPerSecond)}, out at ${Math.round(drainPerSecond)} observations/s, its return included\n`,
      );
    },
    300_000,
  );

  it.skipIf(missing)("stores 4,999 good lines and keeps the bad one: another type", async () => {
    const property = "type_conflict";
    await region.writeLines(
      `${property}_other,domain=transit,thing=gauge-x value="text",quality=0 ${Date.now()}000000`,
    );
    const good = pairs(property, 0, 2500).slice(0, 2499);
    const bad = numbered(`${property}_other`, 0, { phenomenonTime: Date.now(), resultTime: Date.now() });
    const last: TrialMessage = { source: property, elements: [numbered(property, 4998), bad] };
    const writer = await startWriter("transit");
    for (let from = 0; from < good.length; from += 833) await region.publish("transit", good.slice(from, from + 833));
    await region.publish("transit", [last, { source: property, elements: [{ ...bad, ordinal: 1 }] }]);
    await settled(property, 4999);
    expect(faultsOf(await region.rows(property), 4999)).toEqual([]);
    await eventually("both to be counted as not stored", async () => {
      const { stored, partial, quarantined: whole, observations } = await region.ledgerOf(property);
      return stored === 2499 && partial === 1 && whole === 1 && observations === 4999;
    });
    const entries = await quarantined(property);
    expect(entries.map(({ refusals }) => refusals[0]!.code)).toEqual(["store_refused", "store_refused"]);
    expect(entries.map(({ payload }) => JSON.parse(Buffer.from(payload).toString()) as unknown)).toEqual([
      expect.objectContaining({ datastream: bad["datastream"] }),
      expect.objectContaining({ datastream: bad["datastream"] }),
    ]);
    await writer.stop();
  });

  it.skipIf(missing)("stores the good ones and keeps the bad one: too old for the database", async () => {
    const property = "too_old";
    const now = Date.now();
    await region.influx.createDatabase("short", 86_400);
    const elements = Array.from({ length: 5000 }, (_, n) =>
      numbered(property, n, { phenomenonTime: n === 2500 ? now - 30 * 86_400_000 : now - n, resultTime: now }),
    );
    const writer = await startWriter("wastewater", { env: { MESSNETZ_INFLUX_DATABASE: "short" } });
    await region.publish("wastewater", [{ source: property, elements }]);
    await eventually(
      "it to be counted as partial",
      async () => {
        const { partial, observations } = await region.ledgerOf(property);
        return partial === 1 && observations === 4999;
      },
      patienceMs,
    );
    expect(await region.rows(property, "short")).toHaveLength(4999);
    const [entry] = await quarantined(property);
    expect(JSON.parse(Buffer.from(entry!.payload).toString())).toMatchObject({ result: 2500 });
    await writer.stop();
  });

  it.skipIf(missing)("keeps poison and bad elements in the quarantine with their bytes, and goes on", async () => {
    const property = "poison";
    const writer = await startWriter("environment");
    const wrongUtf8 = Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]);
    const headers = {
      "Messnetz-Schema": "observations.v1",
      "Messnetz-Messages": '{"days":[],"sources":[],"devices":[],"rows":[]}',
    };
    await region.publishRaw("observations.v1.environment", wrongUtf8, headers);
    await region.publishRaw("observations.v1.environment", "not JSON at all", {});
    const nan = { ...numbered(property, 0), result: "NaN here" };
    await region.publish("environment", [
      { source: property, elements: [{ ...nan, result: null }, numbered(property, 0)] },
      { source: property, elements: [{ ...nan, quality: "perfect" }] },
      { source: property, elements: [numbered(property, 1)] },
    ]);
    await settled(property, 2);
    expect(faultsOf(await region.rows(property), 2)).toEqual([]);
    expect(await counted(property, 3)).toMatchObject({ stored: 1, partial: 1, quarantined: 1, observations: 2 });
    expect(await counted("_bus", 2)).toMatchObject({ received: 2, quarantined: 2 });
    const kept = (await quarantined("_bus")).map(({ payload }) => Buffer.from(payload));
    expect(kept).toEqual(expect.arrayContaining([wrongUtf8, Buffer.from("not JSON at all")]));
    expect((await quarantined(property)).map(({ refusals }) => refusals[0]!.code)).toEqual(["malformed", "malformed"]);
    await writer.stop();
  });

  it.skipIf(missing)("keeps poison that no entry of the quarantine can hold in parts, and counts it once", async () => {
    const writer = await startWriter("traffic");
    // As large as the server takes, and the same all over: equal parts must not be taken for one.
    const poison = Buffer.alloc(region.link.maxPayloadBytes - 200, "y");
    const before = await region.ledgerOf("_bus");
    await region.publishRaw("observations.v1.traffic", poison, {});
    const received = (before["received"] ?? 0) + 1;
    expect(await counted("_bus", received)).toMatchObject({
      quarantined: (before["quarantined"] ?? 0) + 1,
      refused: 0,
    });
    const parts = (await quarantined("_bus")).filter(({ topic }) => topic.startsWith("observations.v1.traffic (part "));
    parts.sort((a, b) => a.topic.localeCompare(b.topic));
    expect(parts.length).toBeGreaterThan(1);
    expect(Buffer.concat(parts.map(({ payload }) => payload)).equals(poison)).toBe(true);
    await writer.stop();
  });

  // More than a server keeps ready for one client (max_pending of nats-server, 64 MB).
  it.skipIf(missing || !isFull)("drains a backlog of large messages in bounded memory", async () => {
    const property = "large";
    const messages = 250;
    const perMessage = 3000;
    for (let from = 0; from < messages; from++) {
      const received = Array.from({ length: perMessage / 3 }, (_, at) => ({
        source: property,
        device: `mac:${at % 500}`,
        elements: [0, 1, 2].map((n) => numbered(property, from * perMessage + at * 3 + n)),
      }));
      await region.publish("environment", received);
    }
    const writer = await startWriter("environment");
    const began = performance.now();
    await drained("environment", 100_000);
    const perSecond = (messages * perMessage * 1000) / (performance.now() - began);
    expect(await counted(property, (messages * perMessage) / 3)).toMatchObject({
      stored: (messages * perMessage) / 3,
      observations: messages * perMessage,
    });
    const [, metrics] = await askOperations(writer, "/metrics");
    const valueOf = (name: string): number => Number(new RegExp(`^${name} (\\S+)`, "m").exec(metrics)?.[1]);
    const residentMb = valueOf("process_resident_memory_bytes") / 1e6;
    const cpuUs = (valueOf("process_cpu_seconds_total") * 1e6) / (messages * perMessage);
    process.stdout.write(
      `writer, InfluxDB ${generation}: ${Math.round(perSecond)} observations/s, its start included, ${cpuUs.toFixed(1)} us CPU each, ${Math.round(residentMb)} MB resident\n`,
    );
    expect(residentMb).toBeLessThan(800);
    await writer.stop();
  });

  it.skipIf(missing)(
    "two writers on one partition take turns loudly, and nothing is lost or counted twice",
    async () => {
      const property = "two_writers";
      const first = await startWriter("other");
      await first.sees(/The writer runs/, patienceMs);
      const second = await startWriter("other");
      await second.sees(/The writer runs/, patienceMs);
      let published = 0;
      const end = performance.now() + (isFull ? 30_000 : 1500);
      while (performance.now() < end) {
        await region.publish("other", pairs(property, 2 * published, 5));
        published += 5;
      }
      await drained("other", 200_000);
      expect(faultsOf(await region.rows(property), 2 * published)).toEqual([]);
      expect(await counted(property, published)).toMatchObject({
        received: published,
        stored: published,
        duplicate: 0,
      });
      expect(`${first.output()}${second.output()}`).toMatch(/Another writer has this partition/);
      await Promise.all([first.stop(), second.stop()]);
    },
    300_000,
  );

  it.skipIf(missing)("is not ready, says why and acknowledges nothing where InfluxDB refuses it", async () => {
    const property = "misconfigured";
    const writer = await startWriter("water", { env: { MESSNETZ_INFLUX_DATABASE: "missing" } });
    await region.publish("water", pairs(property, 0, 1));
    await writer.sees(/InfluxDB refuses us/, patienceMs);
    const [status] = await askOperations(writer, "/ready");
    expect(status).toBe(503);
    expect(await writer.stop()).toEqual({ code: 0 });
    const next = await startWriter("water");
    await settled(property, 2);
    await next.stop();
  });

  it.skipIf(missing)("takes out of the stream what is written when it fills up, and keeps what is not", async () => {
    const property = "fill";
    const writer = await startWriter("water", { env: { MESSNETZ_WRITER_FILL_PERCENT: "1" } });
    for (let n = 0; n < 50; n++) await region.publish("water", pairs(property, 200 * n, 100));
    await settled(property, 10_000);
    await eventually(
      "the stream to hold nothing of the partition",
      async () => {
        const info = await region.link.manager.streams.info("OBSERVATIONS", {
          subjects_filter: "observations.v1.water",
        });
        return Object.keys(info.state.subjects ?? {}).length === 0;
      },
      patienceMs,
    );
    await region.publish("water", pairs(property, 10_000, 1));
    await settled(property, 10_002);
    expect(faultsOf(await region.rows(property), 10_002)).toEqual([]);
    await writer.stop();
  });

  // The last one: the stream that the others use is gone then.
  it.skipIf(missing)("goes on by itself in a stream that was made anew, and leaves nothing of it out", async () => {
    const property = "anew";
    const writer = await startWriter("water");
    await region.publish("water", pairs(property, 0, 2));
    await settled(property, 4);
    await region.link.manager.streams.delete("OBSERVATIONS");
    await declareObservationStream({ link: region.link, replicas: 1, maxBytes: 512_000_000 });
    for (let n = 2; n < 12; n++) await region.publish("water", pairs(property, 2 * n, 1));
    await settled(property, 24);
    expect(faultsOf(await region.rows(property), 24)).toEqual([]);
    expect(await counted(property, 12)).toMatchObject({ received: 12, stored: 12, duplicate: 0, observations: 24 });
    await writer.sees(/The stream was made anew or put back from a copy/, patienceMs);
    await writer.stop();
  });
});

it.skipIf(!hasNats)("ends in order on SIGTERM while it waits for its servers, and is not ready meanwhile", async () => {
  const port = await freePort();
  const writer = await startChild(process.execPath, {
    args: [join(import.meta.dirname, "main.ts")],
    env: { MESSNETZ_NATS_URL: `nats://127.0.0.1:${port}`, MESSNETZ_OPERATIONS_PORT: "0", MESSNETZ_LOG: "json" },
  });
  expect((await askOperations(writer, "/ready"))[0]).toBe(503);
  await writer.sees(/NATS cannot be reached/);
  expect(await writer.stop()).toEqual({ code: 0 });
});

it("says every mistake of its environment, and ends", async () => {
  const writer = await startChild(process.execPath, {
    args: [join(import.meta.dirname, "main.ts")],
    env: { MESSNETZ_WRITER_PARTITIONS: "water,nonsense", MESSNETZ_WRITER_KEEP_HOURS: "-1" },
  });
  expect(await writer.ended()).toEqual({ code: 1 });
  expect(writer.output()).toMatch(/MESSNETZ_WRITER_PARTITIONS[\s\S]+MESSNETZ_WRITER_KEEP_HOURS/);
  expect(writer.output()).not.toContain("    at ");
});
