import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createProfileSet } from "./profile-set.ts";
import { type DeviceProfile, isProfile, parseProfile } from "./profile.ts";

const folder = join(import.meta.dirname, "../../profiles");
const files = globSync("*/*.yaml", { cwd: folder }).toSorted();
const parsed = files.map((file) => ({
  file,
  profile: parseProfile(parse(readFileSync(join(folder, file), "utf8")), file),
}));
const profiles = parsed.flatMap(({ profile }) => (isProfile(profile) ? [profile] : []));
const set = createProfileSet(profiles);

function read(profile: DeviceProfile, decoded: Readonly<Record<string, unknown>>) {
  return profile.read(decoded, { device: "lorawan:0000000000000000", time: undefined });
}

it("there are profiles", () => {
  expect(files.length).toBeGreaterThan(10);
});

describe.each(parsed)("$file", ({ file, profile }) => {
  if (!isProfile(profile)) {
    it("is a profile", () => expect(profile.problems).toEqual([]));
    return;
  }

  it("is named as its profile", () => {
    expect(relative(".", file)).toBe(`${profile.name}.yaml`);
  });

  it("is found by each of its names, and by its fields", () => {
    const { names, fields, ports } = profile.document.match;
    const port = ports?.[0];
    for (const name of names) {
      expect(set.find({ names: [name], ...(port !== undefined && { port }) })?.name, name).toBe(profile.name);
    }
    if (fields !== undefined) expect(set.find({ names: [], fields })?.name).toBe(profile.name);
  });

  it.each(profile.document.examples)("$name", ({ decoded, expect: expected, refused }) => {
    const { readings, refusals } = read(profile, decoded);
    expect(
      readings.map(({ property, channel, value, unit, time }) => ({
        property,
        value,
        ...(channel !== undefined && { channel }),
        ...(unit !== undefined && { unit }),
        ...(time !== undefined && "instant" in time && { time: new Date(time.instant).toISOString() }),
      })),
    ).toEqual(
      expected.map(({ time, ...rest }) => ({
        ...rest,
        ...(time !== undefined && { time: new Date(time).toISOString() }),
      })),
    );
    expect(refusals.map(({ reading }) => reading)).toEqual(refused);
  });
});
