import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { prepareTown, startTownProcess } from "@messnetz/bench";
import { createTemporaryFolder, eventually, findProgram, startMosquitto } from "@messnetz/testing";
import { connectAsync } from "mqtt";
import { expect, it } from "vitest";
import { createTownClient, type ObservationRow } from "./town-client.fixture.ts";

/** Edge node of Sparkplug B, bdSeq 7: alias 5 is `Flow`, a Double in m3/h, 12.5 at 2026-03-29T00:10:00Z. */
const birth = Buffer.from(
  "CMCntLfTMxILCgViZFNlcSAEWAcSKAoERmxvdxAFIApKEwoHZW5nVW5pdBIICAxCBG0zL2hpAAAAAAAAKUAYAA==",
  "base64",
);
/** Alias 5 is 13.5, a second later. */
const data = Buffer.from("CKivtLfTMxILEAVpAAAAAAAAK0AYAQ==", "base64");

async function resultsOf(client: ReturnType<typeof createTownClient>): Promise<readonly unknown[]> {
  const rows: ObservationRow[] = [];
  for await (const line of client.export("property=flow")) rows.push(JSON.parse(line) as ObservationRow);
  return rows.map(({ result, unit, phenomenonTime }) => ({ result, unit, phenomenonTime }));
}

const flow = { unit: "m3/h" };
const both = [
  { ...flow, result: 12.5, phenomenonTime: "2026-03-29T00:10:00.000Z" },
  { ...flow, result: 13.5, phenomenonTime: "2026-03-29T00:10:01.000Z" },
];

it("a birth certificate that was acknowledged tells aliases after a kill", async () => {
  await using folder = await createTemporaryFolder();
  const access = await prepareTown(folder.path);
  const { username, secret: password, token } = access;
  for (const [type, payload] of Object.entries({ NBIRTH: birth, NDATA: data })) {
    const town = await startTownProcess(folder.path);
    const client = await connectAsync({ ...town.run.mqtt, username, password });
    await client.publishAsync(`spBv1.0/Works/${type}/Pump-3`, payload, { qos: 1 });
    client.end(true);
    expect(await resultsOf(createTownClient(town.url, token))).toEqual(type === "NBIRTH" ? [both[0]] : both);
    await town.child.kill();
  }
}, 60_000);

it.skipIf(findProgram("mosquitto") === undefined)(
  "an alias that nobody told is refused, and the edge node is asked for its birth through the bridge, once (Debian: mosquitto)",
  async () => {
    await using folder = await createTemporaryFolder();
    await using broker = await startMosquitto([]);
    const access = await prepareTown(folder.path);
    const file = join(folder.path, "bridges.yaml");
    const session = { name: "works", topics: ["spBv1.0/#"] };
    const content = { brokers: [{ name: "field", url: broker.url, source: access.username, sessions: [session] }] };
    await writeFile(file, JSON.stringify(content));
    const town = await startTownProcess(folder.path, { env: { MESSNETZ_BRIDGES_FILE: file } });
    await town.child.sees(/The broker sends us what we asked for/);

    const edge = await connectAsync(broker.url);
    const asked: string[] = [];
    edge.on("message", (topic, payload) => asked.push(`${topic} ${payload.includes("Node Control/Rebirth")}`));
    await edge.subscribeAsync("spBv1.0/Works/NCMD/Pump-3");
    for (let n = 0; n < 3; n++) await edge.publishAsync("spBv1.0/Works/NDATA/Pump-3", data, { qos: 1 });
    await eventually("the wish for a rebirth", async () => asked.length > 0);
    await edge.publishAsync("spBv1.0/Works/NBIRTH/Pump-3", birth, { qos: 1 });
    await edge.publishAsync("spBv1.0/Works/NDATA/Pump-3", data, { qos: 1 });
    const client = createTownClient(town.url, access.token);
    const stored = await eventually("birth and data", async () => {
      const rows = await resultsOf(client);
      return rows.length === 2 && rows;
    });
    expect(stored).toEqual(both);
    expect(asked).toEqual(["spBv1.0/Works/NCMD/Pump-3 true"]);
    await edge.endAsync();
    await town.child.stop();
  },
  60_000,
);
