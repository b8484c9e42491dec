import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  anObservation,
  anIntakeMessage,
  aMessage,
  eventually,
  findInfluxServers,
  findNatsServers,
  startChild,
} from "@messnetz/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiChild, apiMain, countedAll, type ServerTown, startServerTown } from "./server-town.fixture.ts";

const generation = findInfluxServers().at(-1)?.generation;
const hasServers = findNatsServers().length > 0 && generation !== undefined;
const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;

function level(minute: number, result: number) {
  const at = hour - 3_600_000 + minute * 60_000;
  return anIntakeMessage({
    message: aMessage({ source: "waterworks-door", receivedAt: at, payload: [minute] }),
    device: "dev:weir-1",
    day: new Date(at).toISOString().slice(0, 10),
    observations: [anObservation({ datastream: "weir-1/water_level", phenomenonTime: at, resultTime: at, result })],
  });
}

describe.skipIf(!hasServers)("the API as a process (nats-server and influxd)", () => {
  const opened = new AsyncDisposableStack();
  let servers: ServerTown;
  let api: ApiChild;
  /** Started while InfluxDB was away. */
  let late: ApiChild;
  beforeAll(async () => {
    servers = opened.use(await startServerTown({ influx: generation! }));
    await servers.publish([level(0, 1), level(1, 2)]);
    api = opened.use(await servers.startApi());
    await countedAll(api, 2);
  }, 60_000);
  afterAll(() => opened.disposeAsync(), 30_000);

  const latestResult = async (of: ApiChild = api) => {
    const reply = await of.get("/api/v1/latest?thing=weir-1");
    if (reply.status !== 200) return reply.status;
    const { items } = (await reply.json()) as { items: { result: number }[] };
    return items[0]?.result;
  };
  const history = async () => api.get("/api/v1/observations?thing=weir-1");
  const checksOf = async (of: ApiChild = api) => {
    const reply = await of.get("/readyz");
    const { checks } = (await reply.json()) as { checks: Record<string, { ok: boolean; reason?: string }> };
    const failed = Object.keys(checks).filter((name) => checks[name]?.ok !== true);
    return { status: reply.status, failed };
  };

  test("a latest value is there as soon as the bus has it", async () => {
    await servers.publish([level(2, 3)]);
    expect(await eventually("the newest value", async () => (await latestResult()) === 3)).toBe(true);
  });

  test("what would become of a message is told, by the device profiles that it has loaded", async () => {
    const uplink = {
      end_device_ids: { dev_eui: "24E124136B502217" },
      uplink_message: {
        f_port: 85,
        version_ids: { brand_id: "milesight", model_id: "em300-th" },
        frm_payload: Buffer.from("01756403671001", "hex").toString("base64"),
      },
    };
    const reply = await fetch(`${api.base}/api/v1/decode`, {
      method: "POST",
      headers: { authorization: `Bearer ${servers.token}`, "content-type": "application/json" },
      body: JSON.stringify({ payload: uplink }),
    });
    expect(await reply.json()).toMatchObject({
      outcome: "readings",
      profile: "milesight/em300",
      readings: [
        { property: "battery_level", value: 100 },
        { property: "air_temperature", value: 27.2 },
      ],
    });
  });

  test("without InfluxDB history is 503, latest values go on, and all is well again without a restart", async () => {
    await eventually("it to be ready", async () => (await checksOf()).status === 200);
    await servers.influx.kill();
    const reply = await history();
    expect(reply.status).toBe(503);
    expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(reply.headers.get("content-type")).toContain("application/problem+json");
    expect((await api.get("/api/v1/observations/export?thing=weir-1")).status).toBe(503);
    expect(await latestResult()).toBe(3);
    await servers.publish([level(3, 4)]);
    await eventually("the newest value, which is in JetStream alone", async () => (await latestResult()) === 4);
    expect((await api.get("/api/v1/things")).status).toBe(200);
    expect((await api.get("/api/v1/quarantine")).status).toBe(200);
    expect((await api.get("/api/v1/ledger")).status).toBe(200);
    expect((await api.get("/healthz")).status).toBe(200);
    expect(await checksOf()).toEqual({ status: 503, failed: ["store"] });
    await servers.influx.restart();
    await countedAll(api, 4);
    await eventually(
      "the history to be whole",
      async () => {
        const answer = await history();
        if (answer.status !== 200) return false;
        const { items } = (await answer.json()) as { items: { result: number }[] };
        return items.map(({ result }) => result).join() === "1,2,3,4";
      },
      20_000,
    );
    expect(await checksOf()).toEqual({ status: 200, failed: [] });
  }, 60_000);

  test("an erasure goes through the writer, and no process tells of what is gone", async () => {
    const other = await servers.startApi();
    const newest = 9;
    await servers.publish([level(58, newest)]);
    for (const one of [api, other])
      await eventually("the newest value", async () => (await latestResult(one)) === newest);
    const remove = async (query = "") =>
      fetch(`${api.base}/api/v1/removals${query}`, {
        method: "POST",
        headers: { authorization: `Bearer ${servers.token}`, "content-type": "application/json" },
        body: JSON.stringify({ things: ["weir-1"], from: new Date(hour - 3_600_000 + 58 * 60_000).toISOString() }),
      });
    const counted = await eventually("it to be written", async () => {
      const answer = (await (await remove("?preview")).json()) as Record<string, unknown>;
      return answer["observations"] === 1 ? answer : undefined;
    });
    expect(counted).toEqual({ state: "preview", observations: 1, datastreams: 1, quarantined: 0 });
    const reply = (await (await remove()).json()) as Record<string, unknown>;
    expect(reply).toMatchObject({ state: "done", observations: 1, datastreams: 1, quarantined: 0 });
    for (const one of [api, other])
      await eventually("the value before it", async () => (await latestResult(one)) !== newest);
    expect(await latestResult(other)).toBe(await latestResult());
    expect(await latestResult()).toBeGreaterThan(0);
    const months = await api.get("/api/v1/months");
    expect([months.status, await months.text()]).toEqual([404, expect.stringContaining("no closed months")]);
    await other[Symbol.asyncDispose]();
  }, 60_000);

  test("started without InfluxDB it lets in and administers, and answers once InfluxDB is there", async () => {
    await servers.influx.kill();
    late = opened.use(await servers.startApi());
    expect((await late.get("/api/v1/things")).status).toBe(200);
    expect(await latestResult(late)).toBe(503);
    expect((await late.get("/api/v1/observations?thing=weir-1")).status).toBe(503);
    expect((await checksOf(late)).failed).toEqual(["store"]);
    await servers.publish([level(4, 5)]);
    await servers.influx.restart();
    await eventually(
      "the newest value, published while it knew no store",
      async () => (await latestResult(late)) === 5,
      20_000,
    );
    expect((await late.get("/api/v1/observations?thing=weir-1")).status).toBe(200);
  }, 60_000);

  test("without NATS what is in memory is answered, changes are refused, and it comes back by itself", async () => {
    await servers.nats.kill();
    await eventually("it to notice", async () => (await checksOf()).failed.includes("nats"));
    expect((await history()).status).toBe(200);
    expect((await api.get("/api/v1/things")).status).toBe(200);
    const change = await fetch(`${api.base}/api/v1/operators/new`, {
      method: "PUT",
      headers: { authorization: `Bearer ${servers.token}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "New" }),
    });
    expect(change.status).toBe(503);
    await servers.nats.restart();
    await eventually("it to be ready", async () => (await checksOf()).status === 200);
    expect((await api.get("/api/v1/ledger")).status).toBe(200);
  }, 60_000);

  test("what one process changes and exports stands in the audit log of all", async () => {
    const headers = { authorization: `Bearer ${servers.token}`, "content-type": "application/json" };
    const put = { method: "PUT", headers, body: JSON.stringify({ name: "Port" }) };
    expect((await fetch(`${api.base}/api/v1/operators/port`, put)).status).toBe(200);
    await eventually("the other to be ready", async () => (await checksOf(late)).status === 200);
    // The writer may still wait for the servers that were away.
    await eventually("all five to be written", async () => {
      const answer = await late.get("/api/v1/observations?thing=weir-1");
      return answer.status === 200 && ((await answer.json()) as { items: unknown[] }).items.length === 5;
    });
    await (await late.get("/api/v1/observations/export?thing=weir-1")).text();
    const acts = async (of: ApiChild) => {
      const { items } = (await (await of.get("/api/v1/audit?limit=4")).json()) as { items: Record<string, unknown>[] };
      return items.map(({ action, outcome, rows }) => [action, outcome, rows].join(" ").trim());
    };
    await eventually("the end of the export", async () => (await acts(api))[0] !== "export begun");
    const expected = ["export done 5", "export begun", "operator.put done", "operator.put begun"];
    expect(await acts(api)).toEqual(expected);
    expect(await acts(late)).toEqual(expected);
  }, 60_000);

  test("with a full audit log changes and exports say why they are refused, reading goes on, and more room cures it", async () => {
    const put = (name: string): Promise<Response> =>
      fetch(`${api.base}/api/v1/operators/port`, {
        method: "PUT",
        headers: { authorization: `Bearer ${servers.token}`, "content-type": "application/json" },
        body: JSON.stringify({ name }),
      });
    // Entries of some length until none of the shortest fits.
    for (const length of [100_000, 5000, 100]) {
      const isTaken = (): Promise<boolean> =>
        servers.link.jetstream.publish("audit.v1.entries", "x".repeat(length)).then(
          () => true,
          () => false,
        );
      while (await isTaken());
    }
    const full = { type: "urn:messnetz:problem:audit-full", status: 503 };
    for (const refused of [await put("Other"), await api.get("/api/v1/observations/export?thing=weir-1")]) {
      const problem = (await refused.json()) as { readonly detail: string };
      expect(problem).toMatchObject(full);
      expect(problem.detail).toContain("MESSNETZ_NATS_AUDIT_MB");
    }
    expect((await history()).status).toBe(200);
    expect(await checksOf()).toEqual({ status: 503, failed: ["audit"] });
    expect(await (await api.get("/readyz")).text()).toContain("the audit log (NATS stream AUDIT) is full");
    await using larger = await servers.startApi({ env: { MESSNETZ_NATS_AUDIT_MB: "2" } });
    await eventually("the larger one to be ready", async () => (await checksOf(larger)).status === 200);
    expect((await put("Other")).status).toBe(200);
  }, 60_000);

  test("its start imports a file, puts a new administrator's token into a file for its owner alone, and knows what the bus has", async () => {
    const tokenFile = join(servers.folder, "administrator");
    const csv = join(servers.folder, "more.csv");
    await writeFile(csv, "thing;name;domain;operator\nweir-9;Weir nine;water;waterworks\n");
    const env = { MESSNETZ_ADMINISTRATOR_TOKEN_FILE: tokenFile, MESSNETZ_NATS_AUDIT_MB: "2" };
    await servers.influx.kill();
    await servers.publish([level(5, 6)]);
    await servers.influx.restart();
    await using second = await servers.startApi({ args: ["--import", csv, "--new-administrator"], env });
    const token = (await readFile(tokenFile, "utf8")).trim();
    expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);
    expect(second.child.output()).not.toContain(token);
    const asAdministrator = { headers: { authorization: `Bearer ${token}` } };
    expect((await fetch(`${second.base}/api/v1/things/weir-9`, asAdministrator)).status).toBe(200);
    const audit = await (await fetch(`${second.base}/api/v1/audit?principal=command%20line`, asAdministrator)).json();
    expect(audit).toMatchObject({
      items: [
        { principal: "command line", action: "import", subject: csv },
        { principal: "command line", action: "token.issue" },
      ],
    });
    await eventually("what JetStream had and InfluxDB had not", async () => (await latestResult(second)) === 6);
    // The other process knows both by itself.
    await eventually("the other process to know it", async () => {
      return (await fetch(`${api.base}/api/v1/things/weir-9`, asAdministrator)).status === 200;
    });
  }, 60_000);

  test("SIGTERM ends it in order, also while NATS hangs", async () => {
    await servers.nats.pause();
    expect(await late.child.stop(20_000)).toEqual({ code: 0 });
    servers.nats.resume();
    expect(await api.child.stop(20_000)).toEqual({ code: 0 });
  }, 60_000);
});

test.each([
  { MESSNETZ_INFLUX_TOKEN_FILE: "/nonexistent/token" },
  { MESSNETZ_NATS_USER: "somebody" },
  { MESSNETZ_NATS_USER: "somebody", MESSNETZ_NATS_PASSWORD_FILE: "/nonexistent/password" },
])("%o is refused at the start, without a stack", async (env) => {
  const settings = { MESSNETZ_NATS_URL: "nats://127.0.0.1:1", MESSNETZ_REGISTRY_KEY_FILE: "/nonexistent/key", ...env };
  await using child = await startChild(process.execPath, { args: [apiMain], env: settings });
  expect(await Promise.race([child.ended(), delay(10_000)])).toEqual({ code: 1 });
  expect(child.output()).toMatch(/messnetz: .*(nonexistent|MESSNETZ_NATS_USER)/);
  expect(child.output()).not.toMatch(/\bat .*\.ts:\d+/);
});
