import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { catalogue } from "@messnetz/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ImportKind, type ImportOutcome, importTown } from "./import-town.ts";
import { createMemoryRegistry } from "./memory.ts";
import type { Registry } from "./port.ts";

const example = (name: string): Uint8Array => readFileSync(new URL(`../../examples/${name}`, import.meta.url));

async function withOperators(): Promise<Registry> {
  const registry = await createMemoryRegistry();
  for (const id of ["works", "lines"]) await registry.putOperator({ id, name: id });
  return registry;
}

const profileFolder = fileURLToPath(new URL("../../profiles", import.meta.url));
const profiles = new Set(
  globSync("*/*.yaml", { cwd: profileFolder }).map((file) => file.replaceAll("\\", "/").replace(/\.yaml$/, "")),
);

async function importInto(registry: Registry, kind: ImportKind, input: Uint8Array | string, operator?: string) {
  return importTown(input, { kind, registry, catalogue, profiles, ...(operator === undefined ? {} : { operator }) });
}

/** `<line>: <message>` */
function mistakesOf(outcome: ImportOutcome): readonly string[] {
  return outcome.kind === "refused" ? outcome.mistakes.map(({ line, message }) => `${line}: ${message}`) : [];
}

async function refusalsOf(kind: ImportKind, input: Uint8Array | string, operator?: string): Promise<string> {
  const registry = await withOperators();
  const { version } = registry;
  const outcome = await importInto(registry, kind, input, operator);
  expect(registry.version).toBe(version);
  return mistakesOf(outcome).join("\n");
}

describe("the examples", () => {
  it("are a town of every domain, and the second time change nothing", async () => {
    const registry = await createMemoryRegistry();
    const first = await importInto(registry, "yaml", example("town.yaml"));
    expect(mistakesOf(first)).toEqual([]);
    expect(mistakesOf(await importInto(registry, "csv", example("things.csv")))).toEqual([]);
    expect(first).toMatchObject({ kind: "applied", things: { added: 41 }, operators: { added: 6 } });
    expect(new Set(registry.things({}).map(({ domain }) => domain)).size).toBe(7);
    expect(registry.device("lorawan:fe00000000060005")?.device.fields?.["battery"]).toEqual({
      property: "battery_voltage",
      unit: "mV",
    });
    expect(registry.thing("pumping-station-west")?.location?.coordinates).toEqual([9.9918, 51.8662]);

    const { version } = registry;
    const again = await importInto(registry, "yaml", example("town.yaml"));
    expect(again).toMatchObject({
      things: { added: 0, changed: 0, unchanged: 41 },
      credentials: { unchanged: 18 },
      issued: [],
    });
    await importInto(registry, "csv", example("things.csv"));
    expect(registry.version).toBe(version);
  });

  it("give every new credential a secret that works", async () => {
    const registry = await createMemoryRegistry();
    const outcome = await importInto(registry, "yaml", example("town.yaml"));
    const issued = outcome.kind === "applied" ? outcome.issued : [];
    expect(issued).toHaveLength(registry.credentials().length);
    expect(
      issued.every(
        ({ source, secret }) => registry.authenticate(source.id, Buffer.from(secret)) === registry.source(source.id),
      ),
    ).toBe(true);
  });
});

describe("settings of datastreams", () => {
  const town = `operators: [{ id: works, name: Works }]
things: [{ id: a, name: A, domain: energy, operator: works }]
datastreams:
  - id: a/active_energy
    public: true
    rhythmMs: 900000
    register: { modulus: 100000, resolution: 0.1 }
    exchanges: [{ at: "2026-03-01T10:00:00+01:00", end: 812.5, start: 0 }]
`;

  it("are imported with their instants, and the second time change nothing", async () => {
    const registry = await withOperators();
    expect(await importInto(registry, "yaml", town)).toMatchObject({ kind: "applied", datastreams: { added: 1 } });
    expect(registry.datastream("a/active_energy")).toEqual({
      id: "a/active_energy",
      public: true,
      rhythmMs: 900_000,
      register: { modulus: 100_000, resolution: 0.1 },
      exchanges: [{ at: Date.UTC(2026, 2, 1, 9), end: 812.5, start: 0 }],
    });
    expect(await importInto(registry, "yaml", town)).toMatchObject({ datastreams: { unchanged: 1 } });
  });

  it("are refused where thing or property is not known, or is another's", async () => {
    const list = (...ids: readonly string[]) =>
      town.replace(/datastreams:[^]*$/, `datastreams: [${ids.map((id) => `{ id: ${id} }`).join(", ")}]`);
    expect(await refusalsOf("yaml", list("b/active_energy"))).toContain(
      'expected a thing that is registered or in this file, came "b"',
    );
    expect(await refusalsOf("yaml", list("a/sorrow"))).toContain(
      'expected an observed property of the catalogue, came "sorrow"',
    );
    expect(await refusalsOf("yaml", list("a"))).toContain("datastreams.0.id");
    expect(await refusalsOf("yaml", list("a/active_energy", "a/active_energy"))).toContain("expected once");
    expect(await refusalsOf("yaml", town.replace("10:00:00+01:00", "10:00:00"))).toContain(
      "datastreams.0.exchanges.0.at",
    );
    const registry = await withOperators();
    await registry.putThing({ id: "tram", name: "T", domain: "transit", operator: "lines" });
    const foreign = "datastreams: [{ id: tram/speed, public: true }]";
    expect(mistakesOf(await importInto(registry, "yaml", foreign, "works")).join()).toContain(
      "expected a thing that is registered",
    );
  });
});

describe("import of YAML", () => {
  const good = `operators: [{ id: works, name: Works }]
things:
  - id: a
    name: A
    domain: water
    operator: works
    lat: 51.5
    lon: 9.9
    devices:
      - id: plain:a
        fields:
          level: { property: water_level, unit: cm }
credentials:
  - { id: gateway, operator: works, topics: ["plain/#"] }
`;

  it("counts what it added, changed and left", async () => {
    const registry = await createMemoryRegistry();
    await importInto(registry, "yaml", good);
    const outcome = await importInto(registry, "yaml", good.replace("name: A", "name: B"));
    expect(outcome).toMatchObject({
      operators: { added: 0, changed: 0, unchanged: 1 },
      things: { added: 0, changed: 1, unchanged: 0 },
      devices: { added: 0, changed: 0, unchanged: 1 },
      credentials: { added: 0, changed: 0, unchanged: 1 },
    });
  });

  it.each([
    ["a key that is unknown", "name: A", "name: A\n    colour: red", /3: things\.0: .*colour/],
    ["a domain that is none", "domain: water", "domain: wasser", /5: things\.0\.domain: .*"water"/],
    ["a decimal comma", "lat: 51.5", "lat: 51,5", /7: things\.0\.lat: .*number/],
    ["latitude without longitude", "    lon: 9.9\n", "", /3: things\.0: expected lat and lon together/],
    ["two locations", "lon: 9.9", "lon: 9.9\n    location: { type: Point, coordinates: [1, 2] }", /3: .*not both/],
    [
      "an operator that is not there",
      "operator: works\n    lat",
      "operator: wroks\n    lat",
      /3: thing a: operator: .*"wroks"/,
    ],
    [
      "a property that is not there",
      "property: water_level",
      "property: waterlevel",
      /10: device plain:a: field "level": .*"waterlevel"/,
    ],
    ["a unit that is none", "unit: cm", "unit: zm3", /10: .*UCUM unit such as m, came "zm3"/],
    ["a unit of something else", "unit: cm", "unit: Cel", /10: .*becomes m, came "Cel"/],
    ["a channel with a blank", "unit: cm", "unit: cm, channel: L 1", /10: .*channel/],
    [
      "a profile that is none",
      "plain:a\n",
      "plain:a\n        profile: bosch/parkin\n",
      /10: .*profile.*"bosch\/parkin"/,
    ],
    ["a zone that is none", "plain:a\n", "plain:a\n        timeZone: Europe/Bielefeld\n", /10: .*IANA zone.*Bielefeld/],
    ["a topic filter that is none", "plain/#", "plain/#/a", /14: credential gateway: topics: .*"plain\/#\/a"/],
    ["a secret", "id: gateway,", "id: gateway, secret: hunter2,", /14: .*secret/],
    [
      "the same thing twice",
      "\ncredentials:",
      "\n  - { id: a, name: A, domain: water, operator: works }\ncredentials:",
      /13: thing a: expected once, came in line 3 too/,
    ],
    [
      "the same device twice",
      "- id: plain:a\n",
      "- id: PLAIN:a\n      - id: plain:a\n",
      /: device plain:a: expected once|things\.0\.devices\.0\.id/,
    ],
    ["the same key twice", "name: A", "name: A\n    name: B", /5: expected the key "name" once/],
    ["a key for the prototype", "level:", "__proto__:", /12: .*__proto__/],
    ["a list as key", "level:", "[a, b]:", /12: expected a word as key/],
    ["broken YAML", "things:", "things: [", /\d+: /],
    ["a tag of another program", "name: A", "name: !!js/function A", /4: .*tag/],
    ["a list instead of a map", good, "- a", /1: /],
  ])("refuses %s, with the line", async (_name, from, to, expected) => {
    expect(await refusalsOf("yaml", good.replace(from, to))).toMatch(expected);
  });

  it("tells every mistake, by line, and applies nothing then", async () => {
    const found = await refusalsOf(
      "yaml",
      good.replace("operator: works\n    lat", "operator: nobody\n    lat").replace("cm", "zm3"),
    );
    expect(found.split("\n").map((line) => line.split(":")[0])).toEqual(["3", "10"]);
  });

  it("takes nothing for an empty file", async () => {
    expect(await importInto(await withOperators(), "yaml", "# nothing yet\n")).toMatchObject({ things: { added: 0 } });
  });

  it("lets anchors be shared, but not explode", async () => {
    const shared = good
      .replace("level: {", "level: &f {")
      .replace("\ncredentials", "\n          again: *f\ncredentials");
    expect(await importInto(await createMemoryRegistry(), "yaml", shared)).toMatchObject({ kind: "applied" });
    const levels = "abcdefgh".split("").map(
      (name, n) =>
        `${name}: &${name} [${
          n === 0
            ? "x"
            : Array(9)
                .fill(`*${"abcdefgh"[n - 1]!}`)
                .join(", ")
        }]`,
    );
    expect(await refusalsOf("yaml", levels.join("\n"))).toMatch(/anchors/);
  });

  it("is not brought down by depth, size or many keys", async () => {
    expect(await refusalsOf("yaml", "[".repeat(50_000))).not.toBe("");
    expect(await refusalsOf("yaml", `a: ${"x".repeat(10 * 2 ** 20)}`)).toMatch(/1: expected at most 4194304 bytes/);
    expect(await refusalsOf("yaml", `{${Array.from({ length: 20_000 }, (_, n) => `k${n}: 1`).join(",")}}`)).toMatch(
      /k19999|Unrecognized/,
    );
  });

  it("touches one operator's things only, where it is one operator's import", async () => {
    const registry = await withOperators();
    await registry.putThing({ id: "b", name: "B", domain: "transit", operator: "lines" });
    await registry.putDevice({ id: "hfp:b", thing: "b" });
    await registry.issueCredential({ id: "buses", operator: "lines", topics: ["#"], adopt: [] });
    const file = `
operators: [{ id: lines, name: Taken over }]
things:
  - { id: b, name: B, domain: transit, operator: works }
  - { id: c, name: C, domain: transit, operator: lines }
devices: [{ id: hfp:b, thing: c }, { id: plain:x, thing: b2 }]
credentials: [{ id: buses, operator: works, topics: ["#"] }]`;
    const mistakes = mistakesOf(await importInto(registry, "yaml", file, "works"));
    expect(mistakes).toEqual([
      '2: operator lines: expected works, whose import it is, came "lines"',
      "4: thing b: id: expected one that is free, came one that is taken",
      '5: thing c: operator: expected works, whose import it is, came "lines"',
      '6: device hfp:b: thing: expected one that is registered or in this file, came "c"',
      "6: device hfp:b: id: expected one that is free, came one that is taken",
      '6: device plain:x: thing: expected one that is registered or in this file, came "b2"',
      "7: credential buses: id: expected one that is free, came one that is taken",
    ]);
  });

  it("gives the id of a thing that was removed to no other operator", async () => {
    const registry = await withOperators();
    const b = { id: "b", name: "B", domain: "transit", operator: "lines" } as const;
    await registry.putThing(b);
    await registry.removeThing("b");
    const file = "things: [{ id: b, name: B, domain: transit, operator: works }]";
    expect(mistakesOf(await importInto(registry, "yaml", file, "works"))).toEqual([
      "1: thing b: id: expected one that is free, came one that is taken",
    ]);
    expect(mistakesOf(await importInto(registry, "yaml", file))).toEqual([
      '1: thing b: operator: expected lines, whose thing of this id was removed, came "works"',
    ]);
    expect(registry.thing("b")).toBeUndefined();
    const own = "things: [{ id: b, name: B, domain: transit, operator: lines }]";
    expect(await importInto(registry, "yaml", own, "lines")).toMatchObject({ things: { added: 1 } });
  });
});

describe("import of CSV", () => {
  const header = "thing;name;domain;operator;lat;lon;tags;device;timezone;word;property;channel;unit";
  const row = "a;A;water;works;51,5;9,9;river old;plain:a;;level;water_level;;cm";
  const expectA = (registry: Registry): void => {
    expect(registry.thing("a")).toEqual({
      id: "a",
      name: "A",
      domain: "water",
      operator: "works",
      location: { type: "Point", coordinates: [9.9, 51.5] },
      tags: ["river", "old"],
    });
    expect(registry.device("plain:a")?.device.fields).toEqual({ level: { property: "water_level", unit: "cm" } });
  };

  it.each([
    ["semicolons and decimal commas", `${header}\n${row}\n`],
    ["a byte order mark and CRLF", `\uFEFF${header}\r\n${row}\r\n`],
    ["commas and quotes", `${header}\n${row}`.replaceAll(";", ",").replace("51,5", '"51,5"').replace("9,9", "9.9")],
    ["tabs", `${header}\n${row}\n`.replaceAll(";", "\t")],
    ["the line that an office writes before", `sep=;\r\n${header}\r\n${row}`],
    ["empty rows and columns", `\n${header};;\n;;;;;;;;;;;;;;\n${row};;\n\n`],
    ["blanks and capitals", `${header.toUpperCase().replaceAll(";", " ; ")}\n${row.replaceAll(";", " ; ")}`],
  ])("reads %s", async (_name, text) => {
    const registry = await withOperators();
    expect(mistakesOf(await importInto(registry, "csv", Buffer.from(text)))).toEqual([]);
    expectA(registry);
  });

  it("puts rows of one thing and one device together", async () => {
    const registry = await withOperators();
    const rows = [header, row, "a;;;;;;;plain:a;Europe/Berlin;temp;water_temperature;;Cel", "a;A;;;;;;plain:b;;;;;"];
    expect(await importInto(registry, "csv", rows.join("\n"))).toMatchObject({
      things: { added: 1 },
      devices: { added: 2 },
    });
    expect(registry.device("plain:a")?.device).toMatchObject({
      timeZone: "Europe/Berlin",
      fields: { level: {}, temp: {} },
    });
  });

  it("takes the operator of the import where the table has none, and things that are registered", async () => {
    const registry = await withOperators();
    expect(mistakesOf(await importInto(registry, "csv", "thing,name,domain\na,A,water", "works"))).toEqual([]);
    expect(mistakesOf(await importInto(registry, "csv", "thing,device\na,plain:a", "works"))).toEqual([]);
    expect(registry.device("plain:a")?.thing.operator).toBe("works");
  });

  it.each([
    ["no header", `${row}\n${row}`, /1: the header: expected columns of thing, name/],
    ["a column that is unknown", `${header};farbe\n${row};rot`, /1: the header: .*"farbe"/],
    ["a column twice", `${header};thing\n${row};a`, /1: the header: expected thing once/],
    ["a row that is too long", `${header}\n${row};x`, /2: expected 13 cells, came 14/],
    [
      "a decimal comma between commas",
      "thing,name,domain,lat,lon\na,A,water,51,5,9,9",
      /2: expected 5 cells, came 7; a decimal comma needs quotes/,
    ],
    ["a thing without an id", `${header}\n${row.slice(1)}`, /2: thing: expected the id/],
    ["a thing without a name", `${header}\n${row.replace(";A;", ";;")}`, /2: name: /],
    ["degrees that are none", `${header}\n${row.replace("51,5", "51°30'")}`, /2: lat: .*came "51°30'"/],
    ["a thousands separator", `${header}\n${row.replace("51,5", "5.150,5")}`, /2: lat: expected degrees/],
    ["degrees beyond the pole", `${header}\n${row.replace("51,5", "151,5")}`, /2: lat: expected degrees .*-90 to 90/],
    ["longitude alone", `${header}\n${row.replace("51,5", "")}`, /2: lat: expected degrees .*came nothing/],
    ["a number an office has rounded", `${header}\n${row.replace("plain:a", "2,4E+15")}`, /2: id: .*<scheme>:<id>/],
    ["a word without a device", `${header}\n${row.replace("plain:a", "")}`, /2: device: expected one beside word/],
    [
      "a property without a word",
      `${header}\n${row.replace(";level;", ";;")}`,
      /2: word: expected one beside property/,
    ],
    ["a word without a property", `${header}\n${row.replace(";water_level;", ";;")}`, /2: fields\.level\.property: /],
    ["a word twice", `${header}\n${row}\n${row}`, /3: word: expected "level" once/],
    [
      "a thing that is two",
      `${header}\n${row}\na;B;;;;;;;;;;;`,
      /3: name: expected "A" as in an earlier row, came "B"/,
    ],
    ["a device at two things", `${header}\n${row}\nb;B;water;works;;;;plain:a;;;;;`, /3: thing: expected "a"/],
    ["an operator that is not there", `${header}\n${row.replace("works", "wroks")}`, /2: thing a: operator: .*"wroks"/],
    [
      "a unit of something else",
      `${header}\n${row.replace(";cm", ";Cel")}`,
      /2: device plain:a: field "level": .*becomes m/,
    ],
    ["a quote that is not closed", `${header}\n${row}\n"a;b\n`, /\d: .*[Qq]uot/],
    ["a quote that swallows the file", `${header}\n${row}\n"a;${"x".repeat(30_000)}`, /\d: /],
    [
      "a thing that nobody knows",
      "thing,device\nghost,plain:a",
      /2: device plain:a: thing: expected one that is registered/,
    ],
  ])("refuses %s, with the line", async (_name, text, expected) => {
    expect(await refusalsOf("csv", text)).toMatch(expected);
  });

  it("says how to save a file of another encoding", async () => {
    const latin = Buffer.from(`${header}\n${row.replace(";A;", ";Brücke;")}`, "latin1");
    expect(await refusalsOf("csv", latin)).toMatch(/^2: expected UTF-8, .*Windows-1252.*CSV UTF-8/);
    expect(await refusalsOf("csv", latin.toString("utf8"))).toMatch(/^2: expected UTF-8/);
    expect(await refusalsOf("csv", Buffer.from(`\uFEFF${header}`, "utf16le"))).toMatch(/UTF-16/);
    expect(await refusalsOf("csv", `${header}\n\0`)).toMatch(/^2: .*binary/);
  });

  it("takes words like __proto__ and constructor for words", async () => {
    const registry = await withOperators();
    const text = `${header}\n${row.replace("level;", "constructor;")}\n${row.replace("level;", "__proto__;")}`;
    await importInto(registry, "csv", text);
    expect(Object.keys(registry.device("plain:a")?.device.fields ?? {})).toContain("constructor");
    expect(Object.getPrototypeOf(registry.device("plain:a")?.device.fields)).toBe(Object.prototype);
  });

  it("bounds its answer, however much is wrong", async () => {
    const outcome = await importInto(await withOperators(), "csv", `${header}\n${";x\n".repeat(5_000)}`);
    expect(outcome).toMatchObject({ kind: "refused", more: 4_000 });
    expect(mistakesOf(outcome)).toHaveLength(1_000);
    expect(await refusalsOf("csv", "x".repeat(33 * 2 ** 20))).toMatch(/at most/);
  });
});

describe("any file", () => {
  it.each(["yaml", "csv"] as const)("is applied or refused, never thrown at: %s", async (kind) => {
    const piece = fc.constantFrom(
      "thing",
      ";",
      ",",
      "\n",
      '"',
      ":",
      "- ",
      "  ",
      "{",
      "}",
      "[",
      "&a",
      "*a",
      "id",
      "a",
      "things",
      "water",
      "__proto__",
      "\t",
      "sep=",
      "?",
      "!!",
      "|",
    );
    const input = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join("")),
    );
    const registry = await withOperators();
    await fc.assert(
      fc.asyncProperty(input, async (file) => {
        expect(["applied", "refused"]).toContain((await importInto(registry, kind, file)).kind);
      }),
      { numRuns: 300 },
    );
  });
});
