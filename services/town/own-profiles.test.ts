import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { prepareTown, startTownProcess, type TownProcess, type TrialAccess } from "@messnetz/bench";
import { createTemporaryFolder, startChild } from "@messnetz/testing";
import { connectAsync } from "mqtt";
import { expect, it } from "vitest";
import { createTownClient, type ObservationRow } from "./town-client.fixture.ts";

const limitMs = 180_000;

/** A model of nobody, with one field. */
function probe(more: { scale?: number; revision?: number; property?: string; unit?: string; expect?: number } = {}) {
  const { scale = 1, revision = 1, property = "water_level", unit = "cm", expect: expected = 10 * scale } = more;
  return `profile: brook/foam-probe
revision: ${revision}
title: Probe
documentation: https://example.org
match: { names: [foam-probe] }
fields:
  level: { property: ${property}, unit: ${unit}, scale: ${scale} }
examples:
  - name: one
    decoded: { level: 10 }
    expect: [{ property: ${property}, value: ${expected}, unit: ${unit} }]
`;
}

/** Kills in the middle of a reload. */
const kills = process.env["MESSNETZ_TRIALS"] === "full" ? 10 : 1;

const foam = `properties:
  - key: brook_foam
    name: { en: Foam, de: Schaum }
    unit: mm
    kind: gauge
    domains: [water]
    range: { min: 0, max: 900, source: "data sheet of the probe" }
`;

interface Trial {
  readonly folder: string;
  readonly profiles: string;
  readonly access: TrialAccess;
  write(file: string, text: string): Promise<void>;
  start(): Promise<TownProcess>;
  startRefused(): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

async function openTrial(): Promise<Trial> {
  const folder = await createTemporaryFolder();
  const profiles = join(folder.path, "own");
  const data = join(folder.path, "data");
  await mkdir(profiles);
  const access = await prepareTown(data);
  const env = { MESSNETZ_PROFILES_DIR: profiles, MESSNETZ_PROFILES_POLL_SECONDS: "0.05" };
  return {
    folder: folder.path,
    profiles,
    access,
    async write(file, text) {
      await mkdir(dirname(join(profiles, file)), { recursive: true });
      await writeFile(join(profiles, file), text);
    },
    start: () => startTownProcess(data, { env }),
    async startRefused() {
      await using child = await startChild(process.execPath, {
        args: [join(import.meta.dirname, "main.ts"), "--no-demo"],
        env: { MESSNETZ_DATA_DIR: data, MESSNETZ_MQTT_PORT: "0", MESSNETZ_HTTP_PORT: "0", ...env },
      });
      expect(await child.ended()).toEqual({ code: 1 });
      return child.output();
    },
    [Symbol.asyncDispose]: async () => folder[Symbol.asyncDispose](),
  };
}

let second = 0;

const hourAgo = Date.now() - 3_600_000;

/** Sends `level: 10` at a time of its own, or that of another again. */
async function send(
  town: TownProcess,
  { username, secret: password }: TrialAccess,
  number: number = second++,
): Promise<void> {
  const at = new Date(hourAgo + 1000 * number).toISOString();
  const uplink = {
    end_device_ids: { device_id: "foam-1", application_ids: { application_id: "works" }, dev_eui: "70B3D57ED0001A2C" },
    received_at: at,
    uplink_message: {
      session_key_id: "AYfqmb0pc/1uRZv9xUydgQ==",
      f_port: 2,
      f_cnt: number + 1,
      decoded_payload: { level: 10 },
      rx_metadata: [],
      received_at: at,
      version_ids: { brand_id: "brook", model_id: "foam-probe" },
    },
  };
  const client = await connectAsync({ ...town.run.mqtt, username, password });
  await client.publishAsync("v3/works@town/devices/foam-1/up", JSON.stringify(uplink), { qos: 1 });
  client.end(true);
}

/** Results and units of the property in the order of time. */
async function resultsOf(town: TownProcess, { token }: TrialAccess, property: string): Promise<readonly string[]> {
  const rows: ObservationRow[] = [];
  for await (const line of createTownClient(town.url, token).export(`property=${property}`)) {
    if (line !== "") rows.push(JSON.parse(line) as ObservationRow);
  }
  return rows.map(({ result, unit }) => `${result} ${unit}`);
}

async function readiness(town: TownProcess, { token }: TrialAccess) {
  const reply = await createTownClient(town.url, token).get("/readyz");
  const { ok, checks } = (await reply.json()) as { ok: boolean; checks: Record<string, { reason?: string }> };
  return { ok, profiles: checks["profiles"]?.reason ?? "" };
}

it(
  "an edit of an own profile changes readings without a restart; of a broken one the version before stays and the mistake is seen; deleting it ends it",
  async () => {
    await using trial = await openTrial();
    const { access } = trial;
    await trial.write("brook/foam-probe.yaml", probe());
    const town = await trial.start();
    await send(town, access);

    await trial.write("brook/foam-probe.yaml", probe({ scale: 2, revision: 2 }));
    await town.child.sees(/"changed":\["brook\/foam-probe"\].*have changed and are in force/);
    await send(town, access);

    await trial.write("brook/foam-probe.yaml", probe({ scale: 3, revision: 3, expect: 31 }));
    await town.child.sees(/foam-probe\.yaml:11:14: .*expected water_level 31 cm, came water_level 30 cm/);
    const odd = await readiness(town, access);
    expect(odd).toEqual({ ok: true, profiles: expect.stringMatching(/foam-probe\.yaml:11:14: /) });
    const metrics = await (await createTownClient(town.url, access.token).get("/metrics")).text();
    expect(metrics).toContain("messnetz_profile_mistakes 1");
    await send(town, access);
    expect(await resultsOf(town, access, "water_level")).toEqual(["0.1 m", "0.2 m", "0.2 m"]);

    await trial.write("brook/foam-probe.yaml", probe({ scale: 4, revision: 2 }));
    await town.child.sees(/"revision":2.*other readings than before under the same revision/);
    expect(await readiness(town, access)).toEqual({ ok: true, profiles: "" });
    await rm(join(trial.profiles, "brook/foam-probe.yaml"));
    await town.child.sees(/"removed":\["brook\/foam-probe"\]/);
    const refused = second;
    await send(town, access);
    expect(await resultsOf(town, access, "water_level")).toHaveLength(3);

    const quarantine = await createTownClient(town.url, access.token).get("/api/v1/quarantine");
    expect(await quarantine.json()).toMatchObject({ items: [{ refusals: [{ code: "no_profile" }] }] });
    await trial.write("brook/foam-probe.yaml", probe({ scale: 5, revision: 3 }));
    await town.child.sees(/"added":\["brook\/foam-probe"\]/);
    // The network's own name of the delivery says that it is a copy; what it was refused for is cured.
    await send(town, access, refused);
    expect((await resultsOf(town, access, "water_level")).at(-1)).toBe("0.5 m");
    await town.child.stop();
  },
  limitMs,
);

it(
  "a wrong profile refuses the first start; later ones go on with what was in force, also after a kill in the middle of a reload",
  async () => {
    await using trial = await openTrial();
    const { access } = trial;
    const broken = probe({ property: "gloom" });
    await trial.write("brook/foam-probe.yaml", broken);
    expect(await trial.startRefused()).toMatch(/foam-probe\.yaml:7:12: .*gloom is no observed property/);

    await trial.write("brook/foam-probe.yaml", probe());
    let town = await trial.start();
    await send(town, access);
    for (let round = 0; round < kills; round++) {
      await trial.write("brook/foam-probe.yaml", probe({ revision: 2 + 2 * round, scale: 2 + round }));
      await town.child.kill();
      const kept = JSON.parse(await readFile(join(trial.folder, "data/profiles-in-force.json"), "utf8")) as object;
      expect(kept).toMatchObject({ version: 1, profiles: [{ file: "brook/foam-probe.yaml" }] });
      town = await trial.start();
    }
    await town.child.kill();
    await trial.write("brook/foam-probe.yaml", broken);
    town = await trial.start();
    expect(await readiness(town, access)).toEqual({ ok: true, profiles: expect.stringMatching(/:7:12: /) });
    await send(town, access);
    expect(await resultsOf(town, access, "water_level")).toEqual(["0.1 m", `${(kills + 1) / 10} m`]);
    await town.child.stop();
  },
  limitMs,
);

it(
  "an observed property of one's own is measured, asked for and exported with its unit; its unit never changes, and it outlives its file",
  async () => {
    await using trial = await openTrial();
    const { access } = trial;
    await trial.write("brook/foam-probe.yaml", probe());
    let town = await trial.start();
    await send(town, access);
    await trial.write("catalogue/brook.yaml", foam);
    await trial.write("brook/foam-probe.yaml", probe({ property: "brook_foam", revision: 2 }));
    await town.child.sees(/"changed":\["brook\/foam-probe"\]/);
    await send(town, access);
    expect(await resultsOf(town, access, "brook_foam")).toEqual(["100 mm"]);
    const client = createTownClient(town.url, access.token);
    const read = async (path: string) => (await client.get(path)).text();
    expect(await read("/api/v1/properties")).toContain(`"key":"brook_foam"`);
    const span = "from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z";
    const csv = await read(`/api/v1/observations/export?format=csv&property=brook_foam&${span}`);
    expect(csv).toContain("brook_foam");
    expect(csv).toContain("mm");

    await trial.write("catalogue/brook.yaml", foam.replace("mm", "cm"));
    await town.child.sees(/brook\.yaml:4:5: .*accepted with the unit mm/);
    await rm(join(trial.profiles, "catalogue"), { recursive: true });
    await town.child.kill();
    town = await trial.start();
    await send(town, access);
    expect(await resultsOf(town, access, "brook_foam")).toEqual(["100 mm", "100 mm"]);
    await town.child.stop();
  },
  limitMs,
);
