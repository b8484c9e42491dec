import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { catalogue } from "@messnetz/model";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkProfileFiles } from "./check-profile-files.ts";
import type { ProfileCodecs } from "./check-profile.ts";
import { loadBroughtProfiles, loadOwnAndBroughtProfiles } from "./load-profiles.ts";
import { fileProblemText } from "./yaml-text.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "profiles-"));
});
afterEach(() => rm(folder, { recursive: true }));

const codecs: ProfileCodecs = {
  check: (source) => (source.includes("{}") ? undefined : "SyntaxError"),
  run: () => ({ decoded: { level: 7 } }),
};

const probe = [
  "profile: brook/probe",
  "revision: 1",
  "title: Probe",
  "documentation: https://example.org",
  "match: { names: [brook probe] }",
  "fields:",
  "  level: { property: water_level, unit: cm }",
  "examples:",
  "  - name: half full",
  "    decoded: { level: 12 }",
  "    expect: [{ property: water_level, value: 12, unit: cm }]",
];

async function write(lines: readonly string[], file = "brook/probe.yaml"): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), lines.join("\n"));
}

/** With one line replaced. */
function changed(line: number, text: string): readonly string[] {
  return probe.with(line - 1, text);
}

async function problems(): Promise<readonly string[]> {
  const checked = await checkProfileFiles([folder], codecs);
  return checked.problems.map(fileProblemText).map((text) => text.replace(folder, "own").replaceAll("\\", "/"));
}

describe("a profile that is wrong is told with its file, line, column and cure", () => {
  it.each([
    ["wrong syntax", changed(5, "match: { names: [brook probe }"), /^own\/brook\/probe\.yaml:5:\d+: .* — correct/u],
    [
      "a key that there is not",
      changed(7, "  level: { property: water_level, units: cm, unit: cm }"),
      /yaml:7:35: .*units: unknown key — /u,
    ],
    [
      "a key that is missing",
      changed(7, "  level: { unit: cm }"),
      /yaml:7:3: .*property: is missing: expected string — /u,
    ],
    [
      "a property that nobody knows",
      changed(7, "  level: { property: gloom, unit: cm }"),
      /yaml:7:12: .*gloom is no .* — /u,
    ],
    [
      "a unit of another quantity",
      changed(7, "  level: { property: water_level, unit: Cel }"),
      /yaml:7:35: .*Cel cannot become m of water_level — /u,
    ],
    ["a revision that is none", changed(2, "revision: first"), /yaml:2:1: revision: expected number/u],
    [
      "an example of another value",
      changed(10, "    decoded: { level: 13 }"),
      /yaml:11:14: .*half full.*expected water_level 12 cm, came water_level 13 cm — /u,
    ],
    [
      "an example of a unit that does not come",
      changed(11, "    expect: [{ property: water_level, value: 12, unit: m }]"),
      /yaml:11:14: .*expected water_level 12 m, came water_level 12 cm/u,
    ],
    [
      "an example that expects more",
      changed(
        11,
        "    expect: [{ property: water_level, value: 12, unit: cm }, { property: distance, value: 1, unit: m }]",
      ),
      /yaml:11:62: .*came no reading more/u,
    ],
    [
      "an example that expects less",
      changed(11, "    expect: []"),
      /yaml:11:5: .*expected no reading more, came water_level 12 cm/u,
    ],
    [
      "an example with a field that nobody explains",
      changed(10, "    decoded: { level: 12, mood: 1 }"),
      /yaml:9:5: .*expected nothing to be refused, came mood/u,
    ],
    [
      "fields of a layout that overlap",
      [
        ...probe,
        "layout:",
        "  endian: little",
        "  frames:",
        "    - fields:",
        "        - { name: level, type: u16 }",
        "        - { name: tilt, type: u8, at: 1 }",
      ],
      /yaml:17:11: .*at: 1 overlaps what stands before/u,
    ],
    [
      "a frame that gives another object",
      [
        ...probe,
        "  - name: frame",
        "    frame: '0d00'",
        "    decoded: { level: 12 }",
        "    expect: [{ property: water_level, value: 13, unit: cm }]",
        "layout:",
        "  endian: little",
        "  frames: [{ fields: [{ name: level, type: u16 }] }]",
      ],
      /yaml:13:5: .*expected the decoded object \{"level":12\}, came \{"level":13\}/u,
    ],
    ["no mapping at all", ["12"], /yaml:1:1: expected object/u],
  ])("%s", async (_what, lines, told) => {
    await write(lines);
    expect(await problems()).toEqual([expect.stringMatching(told)]);
  });

  it("all of them at once, and the files that are right are read", async () => {
    await write(changed(2, "revision: first"));
    await write(changed(7, "  level: { property: gloom, unit: cm }"), "brook/other.yaml");
    await write(changed(1, "profile: brook/right"), "brook/right.yaml");
    const checked = await checkProfileFiles([folder], codecs);
    expect(checked.problems).toHaveLength(2);
    expect(checked.profiles.map(({ name }) => name)).toEqual(["brook/right"]);
    await expect(loadOwnAndBroughtProfiles(folder, codecs)).rejects.toThrow(
      /probe\.yaml:2:1: [\s\S]*other|other[\s\S]*probe\.yaml:2:1: /u,
    );
  });

  it("of two with one name the second", async () => {
    await write(probe);
    await write(probe, "brook/twin.yaml");
    expect(await problems()).toEqual([
      expect.stringMatching(/twin\.yaml:1:1: .*brook\/probe is in .*probe\.yaml already/u),
    ]);
  });
});

describe("a codec", () => {
  const withCodec = [...probe, "codec: probe.js"];

  it("is the text of the file beside the profile, and its frames are tried", async () => {
    await write([
      ...probe.slice(0, -2),
      "    frame: '07'",
      "    expect: [{ property: water_level, value: 7, unit: cm }]",
      "codec: probe.js",
    ]);
    await write(["function Decoder() {}"], "brook/probe.js");
    const [profile] = await loadOwnAndBroughtProfiles(folder, codecs);
    expect(profile?.codec).toBe("function Decoder() {}");
    await write([...probe.slice(0, -2), "    frame: '07'", "    expect: []", "codec: probe.js"]);
    expect(await problems()).toEqual([
      expect.stringMatching(/yaml:11:5: .*expected no reading more, came water_level 7 cm/u),
    ]);
  });

  it("that cannot be run is told", async () => {
    await write(withCodec);
    await write(["function ("], "brook/probe.js");
    expect(await problems()).toEqual([
      expect.stringMatching(/probe\.yaml:12:1: codec: probe\.js cannot be run: SyntaxError/u),
    ]);
  });

  it("that is not there is told, and none is read from elsewhere", async () => {
    await write(withCodec);
    expect(await problems()).toEqual([expect.stringMatching(/probe\.js is not beside the profile/u)]);
    await write(["function Decoder() {}"], "probe.js");
    await write([...probe, "codec: ../probe.js"]);
    expect(await problems()).toEqual([expect.stringMatching(/the name of a \.js file beside the profile/u)]);
  });
});

describe("observed properties of one's own", () => {
  const well = (more = "") => [
    "properties:",
    "  - key: brook_froth",
    "    name: { en: Froth, de: Schaum }",
    "    unit: mm",
    "    kind: gauge",
    "    domains: [water]",
    `    range: { min: 0, max: 100, source: "data sheet" }${more}`,
  ];

  it("are known to profiles, and to everybody in the process", async () => {
    await write(well(), "catalogue/brook.yaml");
    await write(
      changed(7, "  level: { property: brook_froth, unit: cm }").with(
        10,
        "    expect: [{ property: brook_froth, value: 12, unit: cm }]",
      ),
    );
    expect(await problems()).toEqual([]);
    expect(catalogue.get("brook_froth")?.unit).toBe("mm");
    await write(well().with(3, "    unit: cm"), "catalogue/brook.yaml");
    expect(await problems()).toEqual([
      expect.stringMatching(/catalogue\/brook\.yaml:4:5: .*was accepted with the unit mm.* — /u),
    ]);
    expect(catalogue.get("brook_froth")?.unit).toBe("mm");
  });

  it.each([
    ["one that Messnetz brings", well().with(1, "  - key: water_level"), /brook\.yaml:2:5: .*Messnetz brings/u],
    [
      "a unit that nobody knows",
      well().with(1, "  - key: brook_a").with(3, "    unit: fathoms"),
      /brook\.yaml:4:5: .*fathoms/u,
    ],
    [
      "a range without width",
      well().with(1, "  - key: brook_b").with(6, "    range: { min: 9, max: 1, source: x }"),
      /brook\.yaml:7:5: .*not below/u,
    ],
    [
      "a number without a source",
      well().with(1, "  - key: brook_c").with(6, "    range: { min: 0, max: 1 }"),
      /brook\.yaml:7:5: .*source: is missing/u,
    ],
    [
      "words of a level",
      well("\n    states: [a]").with(1, "  - key: brook_d"),
      /brook\.yaml:8:5: .*only a state has words/u,
    ],
    [
      "a key that there is not",
      well("\n    colour: blue").with(1, "  - key: brook_e"),
      /brook\.yaml:8:5: .*unknown key/u,
    ],
  ])("are refused: %s", async (_what, lines, told) => {
    await write(lines, "catalogue/brook.yaml");
    expect(await problems()).toEqual([expect.stringMatching(told)]);
  });
});

it("Messnetz brings profiles of which each is without mistakes, examples too", async () => {
  const brought = await loadBroughtProfiles();
  const checked = await checkProfileFiles([join(import.meta.dirname, "../../profiles")], codecs);
  expect(checked.problems.map(fileProblemText)).toEqual([]);
  expect(checked.profiles).toHaveLength(brought.length);
});
