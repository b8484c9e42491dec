import { startTownProcess } from "@messnetz/bench";
import type { Device } from "@messnetz/model";
import { loadOwnAndBroughtProfiles } from "@messnetz/profiles";
import { everyOperator, openEmbeddedRegistry, type RegistryChange } from "@messnetz/registry";
import { createTemporaryFolder } from "@messnetz/testing";
import { connectAsync, type MqttClient } from "mqtt";
import { expect, it } from "vitest";
import { judge } from "./corpus-judgement.fixture.ts";
import { explainedMisses } from "./corpus-misses.fixture.ts";
import { createRegistryPlan, type RowRegistry } from "./corpus-registry.fixture.ts";
import { type CorpusRow, isCorpusThere, payloadOf, readCorpus, topicOf } from "./corpus-row.fixture.ts";
import { corpusTable, type Judged } from "./corpus-table.fixture.ts";
import { createTownClient, type ObservationRow } from "./town-client.fixture.ts";

/** With `MESSNETZ_CORPUS=explain`, what came beyond what was expected is printed too. */
const explains = process.env["MESSNETZ_CORPUS"] === "explain";

it.skipIf(!isCorpusThere)(
  "gives what real devices said, published over MQTT and asked of the API, and each difference is explained (corpus at ../shared/corpus)",
  async () => {
    const rows = await readCorpus();
    const judged = await publishAll(rows);
    process.stdout.write(corpusTable(judged));
    for (const { row, judgement } of judged) {
      if (judgement.verdict !== "exact")
        process.stdout.write(`${row.id} ${judgement.verdict}: ${judgement.differences.join("; ")}\n`);
      else if (explains) process.stdout.write(`${row.id} beyond: ${judgement.beyond.join(" ")}\n`);
    }
    const misses = judged.filter(({ judgement }) => judgement.verdict !== "exact");
    expect(misses.filter(({ judgement }) => judgement.verdict === "wrong").map(({ row }) => row.id)).toEqual([]);
    expect(misses.map(({ row, judgement }) => `${row.id} ${judgement.verdict}`)).toEqual(Object.keys(explainedMisses));
  },
  120_000,
);

interface Planned extends RowRegistry {
  readonly row: CorpusRow;
  /** Messages that repeat others but for their content (constructed ones) come from another network server, as different ones would. */
  readonly server: number;
  readonly devices: readonly Device[];
}

/** Each device of each row hangs on a thing of its own: rows say different things of one device at the same instant. */
async function planOf(rows: readonly CorpusRow[]): Promise<readonly Planned[]> {
  const plan = createRegistryPlan(await loadOwnAndBroughtProfiles(undefined));
  const servers = new Map<string, number>();
  return rows.map((row, at) => {
    const { isRaw, devices } = plan(row);
    const key = deliveryOf(row);
    const server = servers.get(key) ?? 0;
    servers.set(key, server + 1);
    return {
      row,
      isRaw,
      server,
      devices: devices.map((device, index) => Object.assign(device, { thing: `row-${at}-${index}` })),
    };
  });
}

/** By what a network server tells one delivery from another. */
function deliveryOf({ id, topic, payload }: CorpusRow): string {
  const { deduplicationId, uplink_message: uplink, cmd, ts } = Object(payload) as Record<string, unknown>;
  if (typeof deduplicationId === "string") return deduplicationId;
  if (typeof uplink === "object") return topic;
  return cmd === undefined ? id : `${topic} ${String(ts)}`;
}

/** Publishes one row after the other; what came of a row is told by the time of receipt, which no two rows share. */
async function publishAll(rows: readonly CorpusRow[]): Promise<readonly Judged[]> {
  await using data = await createTemporaryFolder();
  const planned = await planOf(rows);
  const { token, secrets } = await registerAll(data.path, planned);
  const town = await startTownProcess(data.path);
  const clients: MqttClient[] = [];
  try {
    for (const [server, secret] of secrets.entries())
      clients.push(await connectAsync({ ...town.run.mqtt, username: operatorOf(server), password: secret }));
    const spans: { from: number; to: number }[] = [];
    const hung = new Set<string>();
    for (const { row, server, devices } of planned) {
      for (const device of devices) {
        // The first row of a device found it in the registry already.
        if (hung.has(device.id)) await hangUp(town.url, token, device);
        hung.add(device.id);
      }
      while (Date.now() <= (spans.at(-1)?.to ?? 0)) await new Promise(setImmediate);
      const from = Date.now();
      await clients[server]!.publishAsync(topicOf(row), payloadOf(row), { qos: 1 });
      spans.push({ from, to: Date.now() });
    }
    const observations: ObservationRow[] = [];
    for await (const line of createTownClient(town.url, token).export(""))
      observations.push(JSON.parse(line) as ObservationRow);
    return planned.map(({ row, isRaw }, at) => {
      const { from, to } = spans[at]!;
      const came = observations.filter(
        ({ resultTime }) => from <= Date.parse(resultTime) && Date.parse(resultTime) <= to,
      );
      return { row, isRaw, judgement: judge(row, came) };
    });
  } finally {
    await Promise.all(clients.map((client) => client.endAsync()));
    await town.child.stop();
  }
}

interface TownAccess {
  readonly token: string;
  /** Of the network servers. */
  readonly secrets: readonly string[];
}

/** Puts things and devices into the registry, and an operator with a credential for each network server. */
async function registerAll(dataDir: string, planned: readonly Planned[]): Promise<TownAccess> {
  const registry = await openEmbeddedRegistry({ dataDir });
  try {
    const secrets: string[] = [];
    for (let server = 0; server <= Math.max(...planned.map((one) => one.server)); server++) {
      const operator = operatorOf(server);
      await registry.putOperator({ id: operator, name: operator });
      const { secret } = await registry.issueCredential({ id: operator, operator, topics: ["#"], adopt: [] });
      secrets.push(secret);
    }
    const seen = new Set<string>();
    const changes = planned.flatMap(({ devices, server }) =>
      devices.flatMap((device): RegistryChange[] => {
        const { thing: id } = device;
        const thing = { id, name: id, domain: "water", operator: operatorOf(server) } as const;
        if (seen.has(device.id)) return [{ kind: "put-thing", thing }];
        seen.add(device.id);
        return [
          { kind: "put-thing", thing },
          { kind: "put-device", device },
        ];
      }),
    );
    await registry.apply(changes);
    const scopes = ["read", "export", "admin"] as const;
    const { token } = await registry.issueToken({ name: "corpus", operator: everyOperator, scopes: [...scopes] });
    return { token, secrets };
  } finally {
    await registry.close();
  }
}

/** Of two equal deliveries of one operator the second is a copy: each network server has an operator of its own. */
function operatorOf(server: number): string {
  return `server-${server}`;
}

async function hangUp(url: string, token: string, { id, ...device }: Device): Promise<void> {
  const reply = await fetch(`${url}/api/v1/devices/${encodeURIComponent(id)}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(device),
  });
  if (!reply.ok) throw new Error(`expected 200 for device ${id}, came ${reply.status} ${await reply.text()}`);
}
