import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { deviceName, queryInflux, startTrialDevices } from "@messnetz/bench";
import { eventually } from "@messnetz/testing";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingServers, openRegionTrial, type RegionTrial } from "./region-trial.fixture.ts";

const database = "messnetz";
/** Each is tried as every name and every word. */
const hostile: readonly string[] = [
  `x"; DROP DATABASE ${database}; --`,
  `x'; DROP DATABASE ${database}; --`,
  "x' OR 'x' = 'x",
  '"; DROP MEASUREMENT "water_level',
  "x value=1 1\nwater_level,thing=b value=666 1",
  "x,thing=b value=666 1",
  "x\\",
  "\\\\",
  "$v0",
  "x/../../..",
  "x\u0000y",
  "x\r\nX-Evil: 1",
  "=cmd|' /C calc'!A0",
  "ünïcödé \u202e\ud83d\ude00",
  "/.*/",
  "*",
  "a".repeat(300),
];
/** What a tag or a measurement may be made of. */
const harmless = /^[A-Za-z0-9_:.,= -]+$/;
/** RFC 9110, 15.5: not understood, not there, in conflict, too large, too long, not to be processed. */
const refusals = [400, 404, 409, 413, 414, 422];
const poisonValue = 666;
const evilMac = (n: number): string => `urn:dev:mac:0024bf${n.toString(16).padStart(10, "0")}`;

describe.skipIf(missingServers.length > 0)(`a region (missing: ${missingServers.join(", ") || "nothing"})`, () => {
  let trial: RegionTrial;
  let admin = "";
  let known: ReadonlySet<number>;

  beforeAll(async () => {
    trial = await openRegionTrial("door", {
      async prepare(registry) {
        admin = (await registry.issueToken({ name: "admin", operator: "*", scopes: ["admin"] })).token;
      },
    });
    const devices = startTrialDevices({ target: trial.road.target, connections: 2, rate: 400 });
    await eventually("a load that is acknowledged", () => devices.acknowledged.size > 500, 30_000);
    await devices.finish();
    known = new Set(devices.acknowledged.keys());
    await trial.expectEachOnce(known);
  }, 120_000);
  afterAll(() => trial?.[Symbol.asyncDispose](), 60_000);

  /** As InfluxDB's own administrator. */
  async function askInflux(statement: string): Promise<readonly string[]> {
    const { road } = trial;
    const secret = async (name: string): Promise<string> =>
      (await readFile(join(road.dataDirectory, "secrets", name), "utf8")).trim();
    const hasTokens = existsSync(join(road.dataDirectory, "secrets", "influx-admin-token"));
    const account = hasTokens
      ? { token: await secret("influx-admin-token") }
      : { username: "admin", password: await secret("influx-admin-password") };
    return Array.fromAsync(queryInflux({ ...road.influx, account }, statement));
  }

  /** Databases, what is in them, and how much of it. */
  async function picture() {
    const names = ["water_level", "water_temperature", "battery_voltage"];
    const counts = await Promise.all(
      names.map((name) => askInflux(`SELECT count("value") FROM "${name}" GROUP BY "thing"`)),
    );
    return {
      databases: await askInflux("SHOW DATABASES"),
      series: await askInflux("SHOW SERIES"),
      measurements: await askInflux("SHOW MEASUREMENTS"),
      counts: counts.flat(),
    };
  }

  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(trial.road.region.url + path, {
      ...init,
      headers: { authorization: `Bearer ${admin}`, "content-type": "application/json" },
    });

  it("lets no name, no word and no value of a message reach InfluxDB as anything else", async () => {
    const before = await picture();
    const { target } = trial.road;
    const client = await connectAsync({ ...target, clientId: "hostile" });
    const send = (topic: string, pack: readonly object[]): Promise<unknown> =>
      client.publishAsync(topic, JSON.stringify(pack), { qos: 1 });
    let sent = 0;
    for (const [n, text] of hostile.entries()) {
      // Neither may stand in the topic of a publish (MQTT 3.1.1, 3.3.2.1): the door closes such a connection.
      const topic = `load/${text.replaceAll(/[*#+]/g, "_").replaceAll("\0", "_")}`;
      const packs: readonly (readonly [string, readonly object[]])[] = [
        [topic, [{ bn: `${evilMac(n)}:`, n: "water_level", u: "m", v: 1 }]],
        ["load/bn", [{ bn: `urn:dev:mac:${text}:`, n: "water_level", u: "m", v: poisonValue }]],
        ["load/bn", [{ bn: text, n: "water_level", u: "m", v: poisonValue }]],
        ["load/n", [{ bn: `${evilMac(n)}:`, n: text, u: "m", v: poisonValue }]],
        ["load/n", [{ bn: `${evilMac(n)}:`, n: `water_level.${text}`, u: "m", v: poisonValue }]],
        ["load/u", [{ bn: `${evilMac(n)}:`, n: "water_level", u: text, v: poisonValue }]],
        ["load/vs", [{ bn: `${evilMac(n)}:`, n: "water_level", u: "m", vs: text }]],
        ["load/state", [{ bn: `${evilMac(n)}:`, n: "door_state", vs: text }]],
      ];
      for (const [to, pack] of packs) {
        await send(to, pack);
        sent++;
      }
    }
    await client.endAsync();
    const { stored, quarantined } = await eventually(
      "all messages in the ledger",
      async () => {
        const ledger = await trial.ledger();
        return ledger.received >= known.size + sent && ledger;
      },
      60_000,
    );

    const after = await picture();
    expect(after.databases).toEqual(before.databases);
    // What was there is there, and no point more in it.
    for (const of of ["series", "measurements", "counts"] as const)
      expect(
        before[of].filter((line) => !after[of].includes(line)),
        of,
      ).toEqual([]);
    for (const line of [...after.series, ...after.measurements])
      expect(line.replaceAll(/["\\]/g, "")).toMatch(harmless);
    const poisoned = await askInflux(
      `SELECT "value" FROM "water_level" WHERE "value" = ${poisonValue} GROUP BY "thing"`,
    );
    const odd = poisoned.filter((line) => line.endsWith(`,${poisonValue}`));
    // What an odd topic brings is good; so is a device whose id is only odd. All else is in the quarantine.
    expect(stored).toBe(known.size + hostile.length + odd.length);
    expect(quarantined).toBe(sent - hostile.length - odd.length);
    process.stdout.write(
      `hostile messages: ${sent} sent, ${stored - known.size} good in them stored, ${quarantined} in quarantine, InfluxDB otherwise as before (odd: ${odd.join("; ")})\n`,
    );
  });

  it("lets no parameter of the API reach InfluxDB as anything else", async () => {
    const before = await picture();
    const thing = await thingOf(0);
    const paths = [
      "observations?thing=",
      "observations?datastream=",
      `observations?datastream=${thing}/`,
      "observations?property=",
      "observations?domain=",
      `observations?thing=${thing}&from=`,
      `observations?thing=${thing}&to=`,
      `observations?thing=${thing}&limit=`,
      `observations?thing=${thing}&cursor=`,
      "observations/export?format=",
      "observations/export?format=csv&thing=",
      "observations/export?format=ndjson&property=",
      "latest?thing=",
      "latest?property=",
      "latest?bbox=",
      "datastreams?thing=",
      "things?domain=",
      "ledger?source=",
      "ledger?device=",
      "quarantine?source=",
      "quarantine/",
      "things/",
    ];
    let asked = 0;
    for (const text of hostile) {
      for (const path of paths) {
        const reply = await ask(`/api/v1/${path}${encodeURIComponent(text)}`);
        const body = await reply.text();
        asked++;
        expect(reply.status, `${path}${text}: ${body.slice(0, 300)}`).toBeLessThan(500);
        // A refusal, or an answer without a row of anybody's.
        if (reply.ok) expect(body.includes(deviceName(0).slice(-10)), `${path}${text}`).toBe(false);
      }
    }
    expect(await picture()).toEqual(before);
    process.stdout.write(`hostile parameters: ${asked} requests, InfluxDB as before\n`);
  });

  it("takes names of things as texts, and no identifiers that are none", async () => {
    const before = await picture();
    for (const [n, text] of hostile.entries()) {
      const body = { name: text.slice(0, 100), domain: "water", operator: "bench", tags: [] };
      const put = (path: string, value: object): Promise<Response> =>
        ask(path, { method: "PUT", body: JSON.stringify(value) });
      expect((await put(`/api/v1/things/${encodeURIComponent(text)}`, body)).status).toBeOneOf(refusals);
      expect((await put(`/api/v1/devices/${encodeURIComponent(`mac:${text}`)}`, { thing: "none" })).status).toBeOneOf(
        refusals,
      );
      const named = await put(`/api/v1/things/named-${n}`, body);
      if (named.ok) {
        const { name } = (await (await ask(`/api/v1/things/named-${n}`)).json()) as { name: string };
        expect(name).toBe(body.name);
      } else expect(named.status).toBe(400);
    }
    expect(await picture()).toEqual(before);
  });

  async function thingOf(device: number): Promise<string> {
    const { items } = (await (await ask("/api/v1/things?limit=1000")).json()) as { items: { id: string }[] };
    return items.find(({ id }) => id.endsWith(deviceName(device).slice(-10)))!.id;
  }
});
