import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkProfileText } from "@messnetz/profiles";
import { createTemporaryFolder } from "@messnetz/testing";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { proposeProfile } from "./propose-profile.ts";
import { runProgram } from "./run-program.fixture.ts";

const folder = await createTemporaryFolder();
afterAll(() => folder.remove());
const profile = async (args: readonly string[], input = "") =>
  runProgram(["profile", ...args], { cwd: folder.path, input });

const right = `profile: brook/probe
revision: 1
title: Probe
documentation: https://example.org
match: { names: [brook probe] }
fields:
  level: { property: water_level, unit: cm }
codec: probe.js
examples:
  - { name: a frame, frame: "0102", expect: [{ property: water_level, value: 258, unit: cm }] }
`;
const codec = "function Decoder(bytes) { return { level: bytes[0] * 256 + bytes[1] }; }";

describe("messnetz profile check", () => {
  test("runs the examples, a codec's too, and says every mistake with its line, column and cure", async () => {
    await mkdir(join(folder.path, "own/brook"), { recursive: true });
    const write = async (name: string, text: string) => writeFile(join(folder.path, "own/brook", name), text);
    await write("probe.yaml", right);
    await write("probe.js", codec);
    expect(await profile(["check", "own"])).toEqual({
      code: 0,
      stdout: "",
      stderr: "1 profiles with 1 examples are right.\n",
    });
    await write("other.yaml", right.replace("brook/probe", "brook/other").replace("258", "259"));
    await write("wrong.yaml", right.replace("brook/probe", "brook/wrong").replace("unit: cm", "unit: kg"));
    const { code, stdout } = await profile(["check", "own"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^own\/brook\/other\.yaml:10:\d+: examples .*258 cm.* — correct/m);
    expect(stdout).toMatch(
      /^own\/brook\/wrong\.yaml:7:\d+: fields → level → unit: the unit kg cannot become m of water_level — /m,
    );
    expect(stdout).not.toContain("probe.yaml:");
    const json = await profile(["check", "own/brook/wrong.yaml", "own/brook/probe.yaml", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      profiles: ["brook/probe"],
      problems: [{ file: "own/brook/wrong.yaml", line: 7 }],
    });
  });

  test.each([[["check"]], [["check", "nowhere"]], [["mend"]], [["new", "nowhere.json"]]])(
    "%j is a mistake of the command",
    async (args) => {
      expect(await profile(args)).toMatchObject({ code: 2, stdout: "" });
    },
  );
});

const uplink = (decoded: object) => ({
  deviceInfo: { devEui: "24e124136b502217", deviceProfileName: "Brook bin probe" },
  fPort: 2,
  time: "2026-11-23T10:00:00Z",
  object: decoded,
});
const first = {
  distance_mm: 1601,
  tilt: "normal",
  temp_1: 21.5,
  temp_2: 20,
  battery: "3.6 V",
  level: { value: 3, unit: "cm" },
  at: "2026-11-23T09:00:00Z",
  history: [{ flow: 1 }],
};
const second = { distance_mm: 1101, tilt: "tilted", temp_1: -1, temp_2: 20, battery: "3.5 V" };

describe("messnetz profile new", () => {
  test("proposes what a person decides, checks, and a message is then decoded with", { timeout: 120_000 }, async () => {
    await writeFile(
      join(folder.path, "uplinks.ndjson"),
      `${JSON.stringify(uplink(first))}\n${JSON.stringify(uplink(second))}\n`,
    );
    const made = await profile([
      "new",
      "uplinks.ndjson",
      "--maker",
      "Brook",
      "--model",
      "bin probe",
      "--out",
      "bin-probe.yaml",
    ]);
    expect(made).toMatchObject({ code: 0, stdout: "" });
    expect(await profile(["new", "uplinks.ndjson", "--out", "bin-probe.yaml"])).toMatchObject({ code: 2 });
    const text = await readFile(join(folder.path, "bin-probe.yaml"), "utf8");
    expect(text).toMatch(/^profile: brook\/bin-probe$/m);
    expect(text).toContain('names: ["bin probe", "Brook bin probe"]');
    expect(text).toMatch(/^ {2}- \{ field: at, as: TODO \} # looks like iso/m);
    expect(text).toMatch(
      /^ {2}distance_mm: \{ property: TODO, unit: TODO \} # seen: 1101 to 1601; the name ends in mm, .*perhaps distance \(m\)/m,
    );
    expect(text).toMatch(/^ {2}tilt: \{ property: TODO, enum: \{ normal: TODO, tilted: TODO \} \}/m);
    expect(text).toMatch(
      /^ {2}"temp_<n>": \{ property: TODO, channel: "<n>", unit: TODO \} # seen: -1 to 21\.5 in temp_1, temp_2/m,
    );
    expect(text).toMatch(/^ {2}battery: \{ property: TODO, unit: V \} # the unit is the message's own/m);
    expect(text).toMatch(/^ {2}"level\.value": \{ property: TODO, unitField: unit \}/m);
    expect(text).toMatch(/^ {2}"history\[\]\.flow": .*in 1 of 2 messages/m);

    const open = await profile(["check", "bin-probe.yaml"]);
    expect(open.code).toBe(1);
    const undecided = text
      .split("\n")
      .flatMap((line, at) => (line.replace(/ # .*/, "").includes("TODO") && !line.startsWith("#") ? [at + 1] : []));
    const told = open.stdout
      .trimEnd()
      .split("\n")
      .map((line) => Number(line.split(":")[1]));
    expect([...new Set(told)]).toEqual(undecided);

    const decided = text
      .replace(/^title: .*/m, "title: Bin probe")
      .replace("documentation: TODO", "documentation: https://example.org")
      .replace("at, as: TODO", "at, as: iso")
      .replace("distance_mm: { property: TODO, unit: TODO", "distance_mm: { property: distance, unit: mm")
      .replace(
        "property: TODO, enum: { normal: TODO, tilted: TODO",
        "property: tilt_alarm, enum: { normal: false, tilted: true",
      )
      .replace('property: TODO, channel: "<n>", unit: TODO', 'property: temperature, channel: "<n>", unit: Cel')
      .replace("battery: { property: TODO", "battery: { property: battery_voltage")
      .replace('"level.value": { property: TODO', '"level.value": { property: water_level')
      .replace(/^ {2}"history.*\n/m, "")
      .replace("examples:", 'ignore: { "history[].flow": no meaning }\nexamples:');
    await mkdir(join(folder.path, "mine/brook"), { recursive: true });
    const target = join(folder.path, "mine/brook/bin-probe.yaml");
    await writeFile(target, decided);
    // The example still expects nothing: what came is said.
    const { stdout } = await profile(["check", "mine"]);
    expect(stdout).toMatch(/distance 1601 mm at 2026-11-23T09:00:00\.000Z; tilt_alarm false/);
    const values = [
      { property: "distance", value: 1601, unit: "mm" },
      { property: "tilt_alarm", value: false },
      { property: "temperature", channel: "1", value: 21.5, unit: "Cel" },
      { property: "temperature", channel: "2", value: 20, unit: "Cel" },
      { property: "battery_voltage", value: 3.6, unit: "V" },
      { property: "water_level", value: 3, unit: "cm" },
    ].map((one) => ({ ...one, time: "2026-11-23T09:00:00Z" }));
    await writeFile(target, decided.replace(/expect: \[\].*/, `expect: ${JSON.stringify(values)}`));
    expect(await profile(["check", "mine"])).toMatchObject({ code: 0, stdout: "" });
    const read = await runProgram(["decode", "-", "--profiles", "mine"], {
      cwd: folder.path,
      input: JSON.stringify(uplink(second)),
    });
    expect(read.code).toBe(0);
    expect(read.stdout).toMatch(/distance +1\.101 +m +1101 mm +profile +distance_mm/);
  });

  test("takes decoded objects from standard input, and says what has none", async () => {
    const { code, stdout } = await profile(["new", "--maker", "brook"], JSON.stringify(second));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^profile: brook\/TODO$/m);
    const frame = { deviceInfo: { devEui: "24e124136b502217" }, fPort: 2, data: "AQI=", time: "2026-11-23T10:00:00Z" };
    expect(await profile(["new"], JSON.stringify(frame))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("frame only"),
    });
    expect(await profile(["new"], "[1]")).toMatchObject({ code: 2, stderr: expect.stringContaining("decoded fields") });
    expect(await profile(["new"], "")).toMatchObject({ code: 2 });
  });
});

const longRun = process.env["MESSNETZ_TRIALS"] === "full";

test(
  "whatever was sent, a proposal is YAML that a person must decide: each mistake is at a TODO",
  () => {
    const key = fc.oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
      fc.constantFrom("on", "a b", "x_1", "x_2", "t.u", "1", "#", "at", "v_unit", "v"),
    );
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.boolean(),
      fc.constantFrom("cm", "3 V", "2026-01-01T00:00:00Z", null),
    );
    const object = fc.dictionary(
      key,
      fc.oneof(value, fc.array(value, { maxLength: 3 }), fc.dictionary(key, value, { maxKeys: 3 })),
      { minKeys: 1, maxKeys: 8 },
    );
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 3 }), (objects) => {
        const text = proposeProfile(
          { objects, names: [], ports: [], known: undefined },
          { maker: "brook", model: "probe", title: "Probe" },
        );
        const { problems } = checkProfileText({ file: "probe.yaml", text });
        expect(problems.length).toBeGreaterThan(0);
        const lines = text.split("\n");
        for (const { line, message } of problems) expect(`${lines[line - 1]} ${message}`).toContain("TODO");
      }),
      { numRuns: longRun ? 5000 : 200 },
    );
  },
  longRun ? 600_000 : 60_000,
);
