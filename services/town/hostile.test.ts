import { prepareTown, startTownProcess } from "@messnetz/bench";
import { createTemporaryFolder } from "@messnetz/testing";
import { connectAsync } from "mqtt";
import { expect, it } from "vitest";
import { createTownClient } from "./town-client.fixture.ts";

const base = `"bn":"urn:dev:mac:0024be0000000001:","n":"water_level","u":"m"`;

/** Payload, and the code of the refusal. */
const hostile: readonly (readonly [name: string, payload: string | Buffer, code: string])[] = [
  ["an oversized text", `[{${base},"v":1,"x":"${"x".repeat(300 * 1024)}"}]`, "too_large"],
  ["200,000 nested lists", "[".repeat(100_000) + "]".repeat(100_000), "too_deep"],
  ["invalid UTF-8", Buffer.from([0x5b, 0x7b, 0xff, 0xfe, 0x7d, 0x5d]), "invalid_utf8"],
  ["NaN", `[{${base},"v":NaN}]`, "malformed"],
  ["1e400", `[{${base},"v":1e400}]`, "invalid_value"],
  ["a value that is text", `[{${base},"v":"high"}]`, "invalid_value"],
  ["half of a pack", `[{${base},"v":1`, "malformed"],
  [
    "a unit that nobody knows",
    `[{"bn":"urn:dev:mac:0024be0000000001:","n":"water_level","u":"furlong","v":1}]`,
    "unknown_unit",
  ],
  [
    "a unit of something else",
    `[{"bn":"urn:dev:mac:0024be0000000001:","n":"water_level","u":"kg","v":1}]`,
    "unit_mismatch",
  ],
  // RFC 8428, clause 4.4: a label that ends in `_` must be understood, or the pack refused.
  ["__proto__", `[{${base},"v":2,"__proto__":{"polluted":true}}]`, "malformed"],
  ["bytes of no family", Buffer.from([1, 2, 3, 4]), "no_format"],
];

it("keeps hostile payloads in the quarantine, raw bytes and reason, and takes what is harmless in them", async () => {
  await using folder = await createTemporaryFolder();
  const access = await prepareTown(folder.path);
  const town = await startTownProcess(folder.path, { env: { MESSNETZ_MQTT_MAX_PACKET_BYTES: "1000000" } });
  try {
    const client = await connectAsync({ ...town.run.mqtt, username: access.username, password: access.secret });
    for (const [at, [, payload]] of hostile.entries()) await client.publishAsync(`hostile/${at}`, payload, { qos: 1 });
    const polluting = `[{${base},"v":2,"constructor":{"prototype":{"polluted":true}}}]`;
    await client.publishAsync("hostile/constructor", polluting, { qos: 1 });
    await client.endAsync();

    const api = createTownClient(town.url, access.token);
    const { items } = (await (await api.get("/api/v1/quarantine?limit=100")).json()) as {
      items: { id: string; topic: string; refusals: { code: string; expected: string; came: string }[] }[];
    };
    expect(items).toHaveLength(hostile.length);
    for (const [at, [name, payload, code]] of hostile.entries()) {
      const entry = items.find((item) => item.topic === `hostile/${at}`);
      expect(entry?.refusals[0]?.code, name).toBe(code);
      expect(entry!.refusals[0]!.expected, name).not.toBe("");
      expect(entry!.refusals[0]!.came.length, name).toBeLessThanOrEqual(200);
      const kept = await (await api.get(`/api/v1/quarantine/${entry!.id}/payload`)).arrayBuffer();
      expect(Buffer.from(kept).equals(Buffer.from(payload)), name).toBe(true);
    }
    const ledger = (await api.ledger()).find((row) => row.device === "urn:dev:mac:0024be0000000001");
    expect(ledger?.stored).toBe(1);
    const sum = (await api.ledger()).reduce((total, row) => total + row.quarantined, 0);
    expect(sum).toBe(hostile.length);
  } finally {
    await town.child.stop();
  }
}, 60_000);
