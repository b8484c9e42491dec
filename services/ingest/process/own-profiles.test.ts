import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually, findNatsServers, findProgram } from "@messnetz/testing";
import { connectAsync } from "mqtt";
import { expect, it } from "vitest";
import { type IngestChild, startTrialServers } from "./trial-process.fixture.ts";

const hasServers = findProgram("mosquitto") !== undefined && findNatsServers().length > 0;

const property = `properties:
  - { key: brook_scum, name: { en: Scum, de: Schwimmschlamm }, unit: mm, kind: gauge, domains: [water] }
`;

function probe(scale: number): string {
  return `profile: brook/scum-probe
revision: ${scale}
title: Probe
documentation: https://example.org
match: { names: [scum-probe] }
fields: { level: { property: brook_scum, unit: cm, scale: ${scale} } }
examples: [{ name: one, decoded: { level: 1 }, expect: [{ property: brook_scum, value: ${scale}, unit: cm }] }]
`;
}

function uplink(frame: number): string {
  const at = new Date(Date.now() - 60_000 + 1000 * frame).toISOString();
  return JSON.stringify({
    end_device_ids: { device_id: "scum-1", application_ids: { application_id: "works" }, dev_eui: "70B3D57ED0001A2D" },
    received_at: at,
    uplink_message: {
      session_key_id: "AYfqmb0pc/1uRZv9xUydgQ==",
      f_port: 2,
      f_cnt: frame,
      decoded_payload: { level: 1 },
      rx_metadata: [],
      received_at: at,
      version_ids: { brand_id: "brook", model_id: "scum-probe" },
    },
  });
}

it.skipIf(!hasServers)(
  "each ingest process takes up a profile that changes, and own properties stand in the registry for all (Debian: nats-server, mosquitto)",
  async () => {
    await using servers = await startTrialServers();
    const { registry, folder } = servers;
    const own = join(folder, "own");
    await mkdir(join(own, "catalogue"), { recursive: true });
    await writeFile(join(own, "catalogue/brook.yaml"), property);
    await writeFile(join(own, "scum.yaml"), probe(2));
    const adopt = [{ format: "*", domain: "water" as const }];
    const issued = await registry.issueCredential({ id: "radio", operator: "waterworks", topics: ["#"], adopt });
    const env = { MESSNETZ_PROFILES_DIR: own, MESSNETZ_PROFILES_POLL_SECONDS: "0.05", MESSNETZ_BRIDGES_FILE: "" };
    const send = async ({ doorPort: port }: IngestChild, frame: number) => {
      const client = await connectAsync({ port, username: "radio", password: issued.secret });
      await client.publishAsync("v3/works@town/devices/scum-1/up", uplink(frame), { qos: 1 });
      client.end(true);
    };
    const processes = await Promise.all(["a", "b"].map((name) => servers.start({ ...env, MESSNETZ_INSTANCE: name })));
    await eventually("the property in every registry", async () =>
      registry.ownProperties().some(({ key, unit }) => key === "brook_scum" && unit === "mm"),
    );
    await send(processes[0]!, 1);

    await writeFile(join(own, "scum.yaml"), probe(3));
    await Promise.all(processes.map(({ child }) => child.sees(/"changed":\["brook\/scum-probe"\]/)));
    await send(processes[1]!, 2);

    await writeFile(join(own, "scum.yaml"), probe(4).replace("value: 4", "value: 5"));
    await Promise.all(processes.map(({ child }) => child.sees(/scum\.yaml:7:\d+: .*expected brook_scum 5 cm/)));
    const health = await (await fetch(`${processes[0]!.base}/ready`)).json();
    expect(health).toMatchObject({
      ok: true,
      checks: { profiles: { ok: true, reason: expect.stringContaining("scum.yaml:7") } },
    });
    await send(processes[0]!, 3);
    const rows = (await servers.observations()).filter(({ datastream }) => datastream.endsWith("/brook_scum"));
    expect(rows.map(({ result }) => result)).toEqual([20, 30, 30]);
  },
  60_000,
);
