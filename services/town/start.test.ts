import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLoad, createPublisher, prepareTown, startTownProcess } from "@messnetz/bench";
import { domains } from "@messnetz/model";
import { openSqliteAuditLog } from "@messnetz/store";
import { type Child, createTemporaryFolder, eventually, startChild } from "@messnetz/testing";
import { describe, expect, it } from "vitest";
import { createTownClient } from "./town-client.fixture.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const example = fileURLToPath(new URL("../../examples/town.yaml", import.meta.url));
const limitMs = 180_000;

async function startMain(
  dataDirectory: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Child> {
  return startChild(process.execPath, {
    args: [main, ...args],
    env: { MESSNETZ_DATA_DIR: dataDirectory, MESSNETZ_MQTT_PORT: "0", MESSNETZ_HTTP_PORT: "0", ...env },
  });
}

/** Starts, which is expected to fail; the output. */
async function refusedStart(args: readonly string[], env: Record<string, string>): Promise<string> {
  await using folder = await createTemporaryFolder();
  await using child = await startMain(folder.path, args, env);
  expect(await child.ended()).toEqual({ code: 1 });
  return child.output();
}

async function listenSomewhere(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

describe("the start is refused, and says why", () => {
  it.each([
    ["MESSNETZ_MQTT_HOST", /MQTT door.*has no TLS/],
    ["MESSNETZ_HTTP_HOST", /HTTP API.*has no TLS/],
  ])(
    "when %s is wider than loopback and there is no TLS",
    async (variable, why) => {
      const output = await refusedStart(["--no-demo"], { [variable]: "0.0.0.0" });
      expect(output).toMatch(why);
      expect(output).not.toMatch(/\bat .*\.ts:\d+/);
    },
    limitMs,
  );

  it(
    "with every mistake of the settings at once",
    async () => {
      const output = await refusedStart(["--no-demo"], { MESSNETZ_TIME_ZONE: "Mars/Base", MESSNETZ_MQTT_PROT: "1" });
      expect(output).toContain("2 mistakes");
      expect(output).toContain("is MESSNETZ_MQTT_PORT meant?");
    },
    limitMs,
  );

  it(
    "for arguments that there are not",
    async () => {
      expect(await refusedStart(["--nodemo"], {})).toContain("Usage: npm start");
    },
    limitMs,
  );

  it(
    "for a town file with mistakes, each with its line",
    async () => {
      await using folder = await createTemporaryFolder();
      const file = join(folder.path, "wrong.yaml");
      await writeFile(
        file,
        "operators:\n  - { id: UPPER, name: x }\nthings:\n  - { id: a, name: b, domain: rain, operator: c }\n",
      );
      const output = await refusedStart(["--no-demo", "--import", file], {});
      expect(output).toMatch(/line 2: /);
      expect(output).toMatch(/line 4: /);
    },
    limitMs,
  );

  it(
    "for the demo in the folder of a real town",
    async () => {
      await using folder = await createTemporaryFolder();
      await prepareTown(folder.path);
      const town = await startTownProcess(folder.path);
      await town.child.stop();
      await using demo = await startMain(folder.path, []);
      expect(await demo.ended()).toEqual({ code: 1 });
      expect(demo.output()).toMatch(/is the folder of a town, not of a demo: start it with --no-demo/);
    },
    limitMs,
  );

  it(
    "for half of the API's TLS, and for a port that is taken, with what to do",
    async () => {
      const half = await refusedStart(["--no-demo"], { MESSNETZ_HTTP_TLS_CERT: "/nowhere" });
      expect(half).toContain("MESSNETZ_HTTP_TLS_KEY");
      expect(half).not.toMatch(/\bat .*\.ts:\d+/);
      await using taken = await listenSomewhere();
      const output = await refusedStart(["--no-demo"], { MESSNETZ_MQTT_PORT: String(taken.port) });
      expect(output).toMatch(/EADDRINUSE.*\n.*MESSNETZ_MQTT_PORT/);
    },
    limitMs,
  );

  it(
    "while another town has the data directory open",
    async () => {
      await using folder = await createTemporaryFolder();
      await prepareTown(folder.path);
      const town = await startTownProcess(folder.path);
      await using second = await startMain(folder.path, ["--no-demo"]);
      expect(await second.ended()).toEqual({ code: 1 });
      expect(second.output()).toMatch(/another process/i);
      await town.child.stop();
    },
    limitMs,
  );
});

it(
  "shows the administrator's token at the first start and never again, and imports the example town",
  async () => {
    await using folder = await createTemporaryFolder();
    const first = await startMain(folder.path, ["--no-demo", "--import", example]);
    await first.sees(/Messnetz is running/, limitMs);
    expect(first.output()).toMatch(/\bmn_[a-z0-9_]{30,}/);
    expect(first.output()).toMatch(/MQTT user \S+, password \S{26}/);
    expect(await first.stop()).toEqual({ code: 0 });
    const second = await startMain(folder.path, ["--no-demo", "--import", example]);
    await second.sees(/Messnetz is running/, limitMs);
    expect(second.output()).not.toMatch(/\bmn_/);
    expect(second.output()).toMatch(/0 things, 0 devices and 0 credentials are new; 0 changed/);
    expect(await second.stop()).toEqual({ code: 0 });
    const audit = await openSqliteAuditLog({ file: join(folder.path, "audit.sqlite") });
    const entries = await audit.list({ limit: 10 });
    await audit.close();
    const imported = `command line import ${example}`;
    expect(entries.map(({ principal, action, subject }) => `${principal} ${action} ${subject}`)).toEqual([
      imported,
      imported,
      "command line token.issue administrator",
    ]);
  },
  limitMs,
);

it(
  "ends in order on SIGTERM under load: everything acknowledged is there",
  async () => {
    await using folder = await createTemporaryFolder();
    const access = await prepareTown(folder.path);
    const town = await startTownProcess(folder.path);
    const acknowledged = new Set<number>();
    const publisher = createPublisher({
      ...town.run.mqtt,
      clientId: "steady",
      username: access.username,
      password: access.secret,
      window: 100,
      reconnects: true,
      next: createLoad({ devices: 20, firstDevice: 0, startsAt: Date.now() - 86_400_000 }),
      onAcknowledged: (tag) => void acknowledged.add(tag),
    });
    await eventually("a thousand messages", () => acknowledged.size > 1000, limitMs);
    expect(await town.child.stop()).toEqual({ code: 0 });
    publisher.close();
    const again = await startTownProcess(folder.path);
    const stored = await createTownClient(again.url, access.token).loadTags();
    expect([...acknowledged].filter((tag) => !stored.has(tag))).toEqual([]);
    expect(stored.size).toBeGreaterThanOrEqual(acknowledged.size);
    await again.child.stop();
  },
  limitMs,
);

it(
  "shows readings of all domains of a simulated town, over MQTT and out of the API, with nothing refused",
  async () => {
    await using folder = await createTemporaryFolder();
    const demo = await startMain(folder.path, []);
    await demo.sees(/Observations so far/, limitMs);
    const token = /Bearer (mn_\S+?)"/.exec(demo.output())![1]!;
    const url = /(http:\/\/127\.0\.0\.1:\d+)/.exec(demo.output())![1]!;
    const client = createTownClient(url, token);
    for (const domain of domains) {
      await eventually(
        `newest values of ${domain}`,
        async () => {
          const reply = (await (await client.get(`/api/v1/latest?domain=${domain}`)).json()) as { items: unknown[] };
          return reply.items.length > 0;
        },
        limitMs,
      );
    }
    for (const row of await client.ledger()) {
      expect(row.quarantined + row.partial + row.refused, `${row.source} ${row.device}`).toBe(0);
    }
    expect(await demo.stop(15_000)).toEqual({ code: 0 });
  },
  2 * limitMs,
);
