import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { describe, expect, it } from "vitest";
import { eventually, findNatsServers, findProgram, startChild } from "@messnetz/testing";
import { runIngest } from "./run-ingest.ts";
import { isPlainTrouble } from "./settings-error.ts";
import { type BusRow, main, startTrialServers } from "./trial-process.fixture.ts";

const hasServers = findProgram("mosquitto") !== undefined && findNatsServers().length > 0;
const limitMs = 120_000;

/** A level in mm is the message's number; without a time, the time of receipt is its own. */
function senml(device: number, number: number, isTimed: boolean): string {
  const name = `urn:dev:mac:00000000000000${device.toString(16).padStart(2, "0")}:`;
  const time = isTimed ? { bt: 1_780_000_000 + number } : {};
  return JSON.stringify([{ bn: name, ...time, n: "water_level", u: "m", v: number / 1000 }]);
}

async function connectTo(url: string, options: IClientOptions = {}): Promise<MqttClient & AsyncDisposable> {
  const client = await connectAsync(url, { reconnectPeriod: 50, ...options });
  client.on("error", () => {});
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.endAsync(true) });
}

/** Publishes numbers at a steady pace, at most 100 unacknowledged, until told to end; resolves with those that were acknowledged. */
function publishSteadily(client: MqttClient, first: number) {
  const acknowledged: number[] = [];
  const pending = new Set<Promise<void>>();
  let next = first;
  const timer = setInterval(() => {
    for (let n = 0; n < 5 && pending.size < 100; n++) {
      const number = next++;
      const payload = senml((first / 100_000) * 8 + (number % 8), number, number % 2 === 0);
      const done: Promise<void> = client.publishAsync(`town/${number % 8}`, payload, { qos: 1 }).then(
        () => {
          acknowledged.push(number);
          pending.delete(done);
        },
        () => void pending.delete(done),
      );
      pending.add(done);
    }
  }, 10);
  return {
    acknowledged: () => acknowledged,
    async end(): Promise<readonly number[]> {
      clearInterval(timer);
      await Promise.all(pending);
      return acknowledged;
    },
  };
}

/** By number, the identities that it was stored under. */
function byNumber(rows: readonly BusRow[]): Map<number, Set<string>> {
  const found = new Map<number, Set<string>>();
  for (const { datastream, phenomenonTime, result } of rows) {
    const number = Math.round(Number(result) * 1000);
    found.set(number, (found.get(number) ?? new Set()).add(`${datastream} ${phenomenonTime}`));
  }
  return found;
}

describe.skipIf(!hasServers)("the ingest process (real nats-server and mosquitto)", () => {
  it(
    "has every acknowledged message of door and bridge on the bus under one identity, though it was killed",
    async () => {
      await using servers = await startTrialServers();
      let ingest = await servers.start();
      const { doorPort } = ingest;
      await eventually("the bridge to be ready", async () => (await fetch(`${ingest.base}/ready`)).ok);
      await using device = await connectTo(`mqtt://127.0.0.1:${doorPort}`, {
        ...servers.door,
        clientId: "device",
        clean: false,
      });
      await using field = await connectTo(servers.broker.url);
      const door = publishSteadily(device, 0);
      const bridge = publishSteadily(field, 100_000);
      await eventually("some to be acknowledged", () => door.acknowledged().length > 200, 20_000);
      await ingest.child.kill();
      ingest = await servers.start({ MESSNETZ_MQTT_PORT: String(doorPort) });
      const before = door.acknowledged().length;
      await eventually("more to be acknowledged", () => door.acknowledged().length > before + 200, 20_000);
      const published = [...(await door.end()), ...(await bridge.end())];
      const found = await eventually(
        "all on the bus",
        async () => {
          const rows = byNumber(await servers.observations());
          return rows.size >= published.length && rows;
        },
        20_000,
      );
      expect(published.filter((number) => !found.has(number))).toEqual([]);
      expect([...found].filter(([, identities]) => identities.size > 1)).toEqual([]);
      const subjects = new Set((await servers.observations()).map(({ subject }) => subject));
      expect([...subjects]).toEqual(["observations.v1.water"]);

      await field.publishAsync("town/unknown", "rubbish", { qos: 1 });
      await eventually("the quarantine", async () => {
        const { state } = await servers.link.manager.streams.info("QUARANTINE", { subjects_filter: ">" });
        return state.subjects?.["quarantine.v1.other"] === 1;
      });

      await ingest.child.stop(20_000);
      expect(await ingest.child.ended()).toEqual({ code: 0 });
    },
    limitMs,
  );

  it(
    "tells the truth while NATS is away, acknowledges nothing, and goes on by itself",
    async () => {
      await using servers = await startTrialServers();
      const ingest = await servers.start({ MESSNETZ_DOMAIN: "energy", MESSNETZ_DOOR: "off" });
      const ready = async () => {
        const reply = await fetch(`${ingest.base}/ready`);
        return { status: reply.status, ...((await reply.json()) as { checks: Record<string, { ok: boolean }> }) };
      };
      await eventually("it to be ready", async () => (await ready()).status === 200);
      await using field = await connectTo(servers.broker.url);
      const metric = async (series: string): Promise<number> => {
        const text = await (await fetch(`${ingest.base}/metrics`)).text();
        return Number(
          text
            .split("\n")
            .find((line) => line.startsWith(`${series} `))
            ?.slice(series.length),
        );
      };
      const acknowledged = 'messnetz_bridge_messages_acknowledged_total{session="water"}';
      await field.publishAsync("town/1", senml(1, 1, true), { qos: 1 });
      await eventually("the first to be acknowledged", async () => (await metric(acknowledged)) === 1);
      await servers.nats.kill();
      await field.publishAsync("town/1", senml(1, 2, true), { qos: 1 });
      const away = await eventually(
        "it to say so",
        async () => {
          const report = await ready();
          return report.checks["intake"]?.ok === false && report;
        },
        20_000,
      );
      expect(away).toMatchObject({ status: 503, checks: { nats: { ok: false } } });
      expect(await metric(acknowledged)).toBe(1);
      expect((await fetch(`${ingest.base}/health`)).status).toBe(200);
      await servers.nats.restart();
      await eventually("it to be ready again", async () => (await ready()).status === 200, 20_000);
      await eventually("the second to be acknowledged", async () => (await metric(acknowledged)) === 2, 20_000);
      await eventually("both on the bus", async () => byNumber(await servers.observations()).size === 2);

      await servers.nats.kill();
      await field.publishAsync("town/1", senml(1, 3, true), { qos: 1 });
      expect(await ingest.child.stop(25_000), "ends in order, though NATS is away").toHaveProperty("code");
    },
    limitMs,
  );

  it(
    "the older of two processes of one name ends, and says why",
    async () => {
      await using servers = await startTrialServers();
      const older = await servers.start();
      await eventually("the bridge to be ready", async () => (await fetch(`${older.base}/ready`)).ok);
      const younger = await servers.start({ MESSNETZ_DOOR: "on", MESSNETZ_BRIDGE_SESSIONS: "water" });
      expect(await older.child.ended()).toEqual({ code: 1 });
      expect(older.child.output()).toContain("only process named trial");
      await eventually("the younger to be ready", async () => (await fetch(`${younger.base}/ready`)).ok, 45_000);
    },
    limitMs,
  );
});

describe("what cannot work is refused at the start, with what to do", () => {
  const keyFile = { MESSNETZ_REGISTRY_KEY_FILE: "/nonexistent/key" };
  it.each([
    [{}, /MESSNETZ_REGISTRY_KEY_FILE/],
    [{ ...keyFile, MESSNETZ_DOOR: "off" }, /something to receive from/],
    [{ ...keyFile, MESSNETZ_INSTANCE: "a b" }, /MESSNETZ_INSTANCE: expected up to 64 letters/],
    [{ ...keyFile, MESSNETZ_MQTT_HOST: "0.0.0.0" }, /MQTT door.*has no TLS/],
    [{ ...keyFile, MESSNETZ_BRIDGES_FILE: "/nonexistent/bridges.yaml" }, /ENOENT.*bridges.yaml/],
    [{ ...keyFile, MESSNETZ_NATS_USER: "a" }, /MESSNETZ_NATS_PASSWORD_FILE beside MESSNETZ_NATS_USER/],
  ])("%o", async (env, why) => {
    const error = await runIngest(env).catch((reason: unknown) => reason);
    expect(isPlainTrouble(error) && error.message).toMatch(why);
  });

  it("without a stack, and with exit code 1", async () => {
    await using child = await startChild(process.execPath, { args: [main], env: { MESSNETZ_DOOR: "maybe" } });
    expect(await child.ended()).toEqual({ code: 1 });
    expect(child.output()).toMatch(/messnetz ingest: the configuration has 2 mistakes/);
    expect(child.output()).not.toMatch(/\bat .*\.ts:\d+/);
  });
});
