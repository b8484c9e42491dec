import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTemporaryFolder, startChild } from "@messnetz/testing";
import { afterAll, describe, expect, test } from "vitest";
import type { Surroundings } from "./command.ts";
import { decode as command } from "./decode.ts";
import { runProgram } from "./run-program.fixture.ts";

const eui = "24e124136b502217";
const device = `lorawan:${eui}`;
const folder = await createTemporaryFolder();
afterAll(() => folder.remove());

const decode = async (
  args: readonly string[],
  input: string | Uint8Array = "",
  env: Readonly<Record<string, string>> = {},
) => runProgram(["decode", ...args], { cwd: folder.path, input, env });

const uplink = (message: object) =>
  JSON.stringify({
    end_device_ids: { dev_eui: eui.toUpperCase() },
    uplink_message: { f_port: 85, received_at: "2026-11-23T10:00:00Z", ...message },
  });
const named = { version_ids: { brand_id: "milesight", model_id: "em300-th" } };
const frame = { ...named, frm_payload: Buffer.from("01756403671001", "hex").toString("base64") };

describe("without a town", () => {
  test("prints readings with property, unit and time as a table, from a file", async () => {
    await writeFile(join(folder.path, "payload.json"), uplink(frame));
    const { code, stdout } = await decode(["payload.json"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Understood · format things-stack-v3 · profile milesight\/em300$/m);
    expect(stdout).toMatch(/^TIME +DEVICE +PROPERTY +CHANNEL +VALUE +UNIT +AS SENT +UNIT BY +FIELD +MARKS$/m);
    expect(stdout).toMatch(
      /^2026-11-23T10:00:00\.000Z +lorawan:24e124136b502217 +air_temperature +27\.2 +Cel +27\.2 Cel +profile +temperature$/m,
    );
    expect(stdout).toContain("No registry was asked");
  });

  test("reads a bare frame in hexadecimal digits by a profile that is named, and shows each step", async () => {
    const { code, stdout } = await decode(
      ["-", "--hex", "--profile", "milesight/em300", "--port", "85", "--explain"],
      "01 75 64\n03 67 10 01",
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /frame +milesight\/em300 +7 bytes on port 85, by its layout: 01 75 64 03 67 10 01 → \{"battery":100,"temperature":27\.2\}/,
    );
    expect(stdout).toMatch(
      /bytes +temperature +bytes 5-6 \(10 01\): 272 → 27\.2; by layout\.\S+ \(type i16; scale 0\.1\)/,
    );
    expect(stdout).toMatch(/field +battery +100 \(byte 2\) → battery_level: 100 %/);
    expect(stdout).toMatch(/air_temperature +27\.2/);
  });

  test("says what a refused message was to be, what came and what cures it, and ends with 1", async () => {
    const { code, stdout } = await decode(["-"], uplink({ decoded_payload: { depth: 3 } }));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Refused; .*· format things-stack-v3$/m);
    expect(stdout).toMatch(
      /^no_profile: lorawan:24e124136b502217\n {2}expected {2}a device profile.*profiles\/<maker>\/<model>\.yaml.*\n {2}came {6}fields depth$/m,
    );
    const bytes = await decode(["-", "--json"], Buffer.from([0xff, 0x00, 0x1b, 0x5b]));
    expect(bytes.code).toBe(1);
    expect(JSON.parse(bytes.stdout)).toMatchObject({ outcome: "refused", refusals: [{ code: "no_format" }] });
  });

  test("takes devices from an import file, with their words, their units and their thing", async () => {
    await writeFile(
      join(folder.path, "town.yaml"),
      [
        "operators: [{ id: works, name: Works }]",
        "things: [{ id: weir-1, name: Weir, domain: water, operator: works }]",
        "devices:",
        `  - { id: "${device}", thing: weir-1, fields: { depth: { property: water_level, unit: cm } } }`,
      ].join("\n"),
    );
    const { code, stdout, stderr } = await decode(
      ["-", "--registry", "town.yaml", "--json"],
      uplink({ decoded_payload: { depth: 120 } }),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: "readings",
      readings: [
        {
          property: "water_level",
          value: 1.2,
          unit: "m",
          deviceUnit: "cm",
          unitFrom: "registry",
          datastream: "weir-1/water_level",
        },
      ],
      devices: [{ id: device, isKnown: true, thing: "weir-1" }],
    });
  });

  const surroundings: Surroundings = {
    print: () => undefined,
    note: () => undefined,
    found: () => undefined,
    ask: async () => undefined,
    pathOf: (text) => join(folder.path, text),
    readInput: async () => Buffer.from("xyz"),
    environment: {},
    open: async () => Promise.reject(new Error("expected no town to be asked")),
    signal: new AbortController().signal,
  };

  test.each([
    [[], "expected one file"],
    [["no-such-file"], "ENOENT"],
    [["-", "--profile", "milesight/em30"], "<maker>/<model>|device profile"],
    [["-", "--format", "smoke-signals"], "expected one of"],
    [["-", "--received-at", "yesterday"], "expected ISO 8601"],
    [["-", "--port", "256"], "0 to 255"],
    [["-", "--hex"], "hexadecimal"],
    [["-", "--registry", "payload.json"], "--registry"],
    [["-", "--colour"], "--colour"],
    [["-", "--url", "http://127.0.0.1:9", "--profiles", "x"], "leave them out"],
  ])("%j is a mistake of the command", async (args, said) => {
    const trouble = { exitCode: 2, message: expect.stringMatching(said) as unknown };
    await expect(command.run(args, surroundings)).rejects.toMatchObject(trouble);
  });

  test("a mistake of the command ends it with 2, and the names that are near it are said", async () => {
    const { code, stdout, stderr } = await decode(["-", "--profile", "milesight/em30"], "xyz");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/Near it: milesight\/(?:(?!\.ts:).)*$/s);
  });
});

describe("a running town", () => {
  test("is asked with --url, and answers the same with what its registry knows", { timeout: 60_000 }, async () => {
    const town = await startChild(process.execPath, {
      args: [fileURLToPath(new URL("../town/main.ts", import.meta.url)), "--no-demo"],
      env: { MESSNETZ_DATA_DIR: join(folder.path, "town"), MESSNETZ_MQTT_PORT: "0", MESSNETZ_HTTP_PORT: "0" },
    });
    try {
      const url = (await town.sees(/API {4}(http\S+)/, 30_000))[1]!;
      const token = (await town.sees(/mn_\w+/))[0];
      const env = { MESSNETZ_TOKEN: token };
      const args = ["-", "--json", "--explain"];
      const [here, there] = await Promise.all([
        decode(args, uplink(frame)),
        decode([...args, "--url", url], uplink(frame), env),
      ]);
      expect(there).toMatchObject({ code: 0, stderr: "" });
      expect(JSON.parse(there.stdout)).toEqual(JSON.parse(here.stdout));
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const put = async (path: string, body: object) =>
        (await fetch(`${url}/api/v1/${path}`, { method: "PUT", headers, body: JSON.stringify(body) })).status;
      expect(await put("operators/works", { name: "Works" })).toBe(200);
      expect(await put("things/weir-1", { name: "Weir", domain: "water", operator: "works" })).toBe(200);
      expect(await put(`devices/${device}`, { thing: "weir-1" })).toBe(200);
      const { code, stdout } = await decode(["-", "--url", url], uplink(frame), env);
      expect(code).toBe(0);
      expect(stdout).toContain(`${device} is a device of weir-1`);
      const refused = await decode(["-", "--url", url], "nonsense", env);
      expect(refused.code).toBe(1);
      expect((await decode(["-", "--url", url], "nonsense", { MESSNETZ_TOKEN: "mn_wrong" })).code).toBe(2);
    } finally {
      await town.stop();
    }
  });
});
