import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { isProfile, parseProfile } from "../profile.ts";
import { compileLayout } from "./compile-layout.ts";
import { layoutSchema } from "./layout-schema.ts";
import type { BytesSeen } from "./watch-bytes.ts";

function watched(yaml: string, hex: string): readonly BytesSeen[] {
  const layout = compileLayout(layoutSchema.parse(parse(yaml)));
  if ("problems" in layout) throw new Error(JSON.stringify(layout.problems));
  const seen: BytesSeen[] = [];
  layout.read({ bytes: Buffer.from(hex, "hex"), port: 1, time: 0, watch: (one) => seen.push(one) });
  return seen;
}

it("a layout tells which bytes and bits became which value, and by which of its items", () => {
  const seen = watched(
    `{ endian: big, frames: [{ fields: [
      { const: a0 },
      { word: u8, bits: { open: 7, level: { bits: 0-6, scale: 0.5 } } },
      { at: 4, name: depth, type: u16, absent: [65535] },
      { name: _raw, type: u8 }, { name: half.volume, of: _raw, scale: 0.5 }
    ] }] }`,
    "a0850000ffff09",
  );
  const decoded = { volume: 4.5 };
  expect(seen).toEqual([
    { item: ["layout", "frames", 0, "fields", 0], from: 0, to: 1, became: { kind: "constant" } },
    {
      item: ["layout", "frames", 0, "fields", 1, "bits", "open"],
      from: 1,
      to: 2,
      bits: { low: 7, high: 7 },
      raw: 1,
      became: { kind: "value", name: "open", value: 1, object: { open: 1, level: 2.5, half: decoded }, key: "open" },
    },
    {
      item: ["layout", "frames", 0, "fields", 1, "bits", "level"],
      from: 1,
      to: 2,
      bits: { low: 0, high: 6 },
      raw: 5,
      became: {
        kind: "value",
        name: "level",
        value: 2.5,
        object: { open: 1, level: 2.5, half: decoded },
        key: "level",
      },
    },
    { item: ["layout", "frames", 0, "fields", 2], from: 2, to: 4, became: { kind: "skipped" } },
    {
      item: ["layout", "frames", 0, "fields", 2],
      from: 4,
      to: 6,
      raw: 65_535,
      became: { kind: "none", name: "depth" },
    },
    {
      item: ["layout", "frames", 0, "fields", 3],
      from: 6,
      to: 7,
      raw: 9,
      became: { kind: "value", name: "_raw", value: 9 },
    },
    {
      item: ["layout", "frames", 0, "fields", 4],
      from: 7,
      to: 7,
      madeOf: [{ from: 6, to: 7 }],
      raw: 9,
      became: { kind: "value", name: "half.volume", value: 4.5, object: decoded, key: "volume" },
    },
  ]);
});

it("channels tell their keys, also of what is not known, and masks their flags", () => {
  const channels = watched(
    `{ endian: big, frames: [{ fields: [{ lengthBytes: 1, channels: { "01": [{ name: a, type: u8 }] } }] }] }`,
    "010107020155",
  );
  expect(channels.map(({ from, to, became: { kind } }) => [from, to, kind])).toEqual([
    [0, 2, "key"],
    [2, 3, "value"],
    [3, 5, "key"],
    [5, 6, "value"],
  ]);
  const mask = watched(`{ frames: [{ fields: [{ mask: u8, groups: { 1: [{ name: a, type: u8 }] } }] }] }`, "0207");
  expect(mask.map(({ from, to, became }) => [from, to, became])).toMatchObject([
    [0, 1, { kind: "flags", flags: 2 }],
    [1, 2, { name: "a", value: 7 }],
  ]);
});

const folder = join(import.meta.dirname, "../../../profiles");
const frames = globSync("*/*.yaml", { cwd: folder }).flatMap((file) => {
  const profile = parseProfile(parse(readFileSync(join(folder, file), "utf8")), file, "");
  if (!isProfile(profile) || profile.layout === undefined) return [];
  return profile.document.examples.flatMap(({ frame, port = 1, name }) =>
    frame === undefined ? [] : [{ name: `${profile.name}: ${name}`, profile, port, bytes: Buffer.from(frame, "hex") }],
  );
});

it.each(frames)("every byte of $name is told, one after the other, and every value that came", (one) => {
  const seen: BytesSeen[] = [];
  const result = one.profile.layout!.read({ bytes: one.bytes, port: one.port, time: 0, watch: (s) => seen.push(s) });
  expect(result).toEqual(one.profile.layout!.read({ bytes: one.bytes, port: one.port, time: 0 }));
  if (!("decoded" in result)) return;
  let at = 0;
  for (const { from, to } of seen) {
    expect(from).toBeLessThanOrEqual(at);
    at = Math.max(at, to);
  }
  expect(at).toBe(one.bytes.length);
  const told = new Set(seen.flatMap(({ became }) => (became.kind === "value" ? [became.object] : [])));
  const objects: object[] = [];
  collect(result.decoded, objects);
  for (const object of objects) {
    if (Object.values(object).some((value) => typeof value !== "object")) expect(told).toContain(object);
  }
});

function collect(value: unknown, into: object[]): void {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) into.push(value);
  for (const inner of Object.values(value)) collect(inner, into);
}
