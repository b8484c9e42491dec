import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, findNatsServers, findProgram, startChild } from "@messnetz/testing";
import { runIngest } from "./run-ingest.ts";
import { isPlainTrouble } from "./settings-error.ts";
import { type BusRow, type IngestChild, main, startTrialServers, type TrialServers } from "./trial-process.fixture.ts";

const hasServers = findProgram("mosquitto") !== undefined && findNatsServers().length > 0;
const isFull = process.env["MESSNETZ_TRIALS"] === "full";
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

/** mqtt.js sends again without DUP, which MQTT 3.1.1 (3.3.1.1) asks for: what was sent before gets it here. */
function markRepeats(client: MqttClient): void {
  const unacknowledged = new Set<number>();
  client.on("packetsend", (packet) => {
    if (packet.cmd !== "publish" || packet.messageId === undefined) return;
    packet.dup = unacknowledged.has(packet.messageId);
    unacknowledged.add(packet.messageId);
  });
  client.on("packetreceive", (packet) => {
    if (packet.cmd === "puback" && packet.messageId !== undefined) unacknowledged.delete(packet.messageId);
  });
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

/** An uplink as ThingPark forwards it; to a second application server it goes with a time some seconds later. */
function uplink(counter: number, secondsLater: number): string {
  const body = {
    Time: new Date(1_780_000_000_000 + counter * 900_000 + secondsLater * 1000).toISOString(),
    DevEUI: "70B3D57ED0001A2B",
    FPort: 2,
    FCntUp: counter,
    payload_hex: "01a2",
    points: { temperature: { unitId: "Cel", record: counter } },
  };
  return JSON.stringify({ DevEUI_uplink: body });
}

describe.skipIf(!hasServers)("the ingest process (real nats-server and mosquitto)", () => {
  const opened = new AsyncDisposableStack();
  let servers: TrialServers;
  let field: MqttClient;
  /** The one that runs: each test leaves one to the next, since a start takes seconds. */
  let ingest: IngestChild;
  beforeAll(async () => {
    servers = opened.use(await startTrialServers());
    field = opened.use(await connectTo(servers.broker.url));
    ingest = await servers.start();
  }, limitMs);
  afterAll(() => opened.disposeAsync(), limitMs);

  const ready = async () => {
    const reply = await fetch(`${ingest.base}/ready`);
    return { status: reply.status, ...((await reply.json()) as { checks: Record<string, { ok: boolean }> }) };
  };
  const toBeReady = () => eventually("ingest to be ready", async () => (await ready()).status === 200, 45_000);
  const metric = async (name: string): Promise<number> => {
    const lines = (await (await fetch(`${ingest.base}/metrics`)).text()).split("\n");
    const series = `messnetz_bridge_${name}{session="water"} `;
    return Number(lines.find((line) => line.startsWith(series))?.slice(series.length));
  };
  const acknowledged = () => metric("messages_acknowledged_total");

  it(
    "has every acknowledged message of door and bridge on the bus under one identity, though it was killed",
    async () => {
      await toBeReady();
      const { doorPort } = ingest;
      const options = { ...servers.door, clientId: "device", clean: false };
      await using device = await connectTo(`mqtt://127.0.0.1:${doorPort}`, options);
      markRepeats(device);
      const door = publishSteadily(device, 0);
      const bridge = publishSteadily(field, 100_000);
      await eventually("some to be acknowledged", () => door.acknowledged().length > 200);
      await ingest.child.kill();
      ingest = await servers.start({ MESSNETZ_MQTT_PORT: String(doorPort) });
      const before = door.acknowledged().length;
      await eventually("more to be acknowledged", () => door.acknowledged().length > before + 200);
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
    },
    limitMs,
  );

  it(
    "has what its HTTP door answered with 200 on the bus, though it was killed",
    async () => {
      await toBeReady();
      const { username, password } = servers.door;
      const post = async (number: number) => {
        const reply = await fetch(`http://127.0.0.1:${ingest.httpPort}/api/v1/messages/town/http?each=line`, {
          method: "POST",
          headers: {
            authorization: `Bearer ${username}:${password}`,
            "idempotency-key": `n-${number}`,
          },
          body: `${senml(9, number, true)}\n${senml(9, number + 1, false)}`,
        });
        expect(reply.status).toBe(200);
        return reply.text();
      };
      const text = await post(400_000);
      expect(text).toContain('"lines":2,"stored":2');
      await ingest.child.kill();
      ingest = await servers.start();
      await post(400_000);
      const rows = byNumber(await servers.observations());
      expect([rows.get(400_000)?.size, rows.get(400_001)?.size]).toEqual([1, 1]);
    },
    limitMs,
  );

  it(
    "tells the truth while NATS is away, acknowledges nothing, and goes on by itself",
    async () => {
      await toBeReady();
      const before = await acknowledged();
      await servers.nats.kill();
      await field.publishAsync("town/1", senml(1, 200_001, true), { qos: 1 });
      const away = await eventually(
        "it to say so",
        async () => {
          const report = await ready();
          return report.checks["intake"]?.ok === false && report;
        },
        20_000,
      );
      expect(away).toMatchObject({ status: 503, checks: { nats: { ok: false } } });
      expect(await acknowledged()).toBe(before);
      expect((await fetch(`${ingest.base}/health`)).status).toBe(200);
      await servers.nats.restart();
      await toBeReady();
      await eventually("it to be acknowledged", async () => (await acknowledged()) === before + 1);
      const rows = await eventually("the bus to be read", () => servers.observations());
      expect(byNumber(rows).get(200_001)?.size).toBe(1);
    },
    limitMs,
  );

  it(
    "puts a copy of an uplink on the bus no second time, by bridge and door, though it was killed between",
    async () => {
      await toBeReady();
      const temperatures = async () => {
        const rows = await servers.observations();
        return rows.flatMap(({ datastream, result }) => (datastream.includes("temperature") ? [result] : []));
      };
      for (let counter = 0; counter < 20; counter++)
        await field.publishAsync("town/lora", uplink(counter, 0), { qos: 1 });
      await eventually("the first to be on the bus", async () => (await temperatures()).length === 20);
      await ingest.child.kill();
      ingest = await servers.start();
      await toBeReady();
      await using second = await connectTo(`mqtt://127.0.0.1:${ingest.doorPort}`, servers.door);
      for (let counter = 0; counter <= 20; counter++)
        await second.publishAsync("town/lora", uplink(counter, 3), { qos: 1 });
      expect(await temperatures()).toEqual(Array.from({ length: 21 }, (_, counter) => counter));
    },
    limitMs,
  );

  it(
    "the older of two processes of one name ends, and says why",
    async () => {
      await toBeReady();
      const older = ingest;
      ingest = await servers.start();
      expect(await older.child.ended()).toEqual({ code: 1 });
      expect(older.child.output()).toContain("only process named trial");
      await toBeReady();
    },
    limitMs,
  );

  it.each(isFull ? (["there", "away", "hanging"] as const) : (["hanging"] as const))(
    "ends in order on SIGTERM within 20 s with NATS %s, and acknowledges nothing that is not on the bus",
    async (nats) => {
      await toBeReady();
      const before = await acknowledged();
      if (nats === "away") await servers.nats.kill();
      if (nats === "hanging") await servers.nats.pause();
      await field.publishAsync("town/1", senml(1, 300_001, false), { qos: 1 });
      if (nats === "there") await eventually("it to be acknowledged", async () => (await acknowledged()) > before);
      else await eventually("it to be in hand", async () => (await metric("in_flight_messages")) > 0);
      expect(await acknowledged()).toBe(before + (nats === "there" ? 1 : 0));
      expect(await ingest.child.stop(20_000)).toEqual({ code: 0 });
      servers.nats.resume();
      if (nats === "away") await servers.nats.restart();
      // The broker has kept what was not acknowledged.
      ingest = await servers.start();
      await eventually("it to be on the bus", async () => byNumber(await servers.observations()).has(300_001));
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
    [{ ...keyFile, MESSNETZ_HTTP_DOOR_HOST: "0.0.0.0" }, /HTTP door.*has no TLS/],
    [{ ...keyFile, MESSNETZ_HTTP_DOOR_TLS_CERT: "/x.crt" }, /MESSNETZ_HTTP_DOOR_TLS_KEY/],
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
