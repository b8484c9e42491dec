import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { createProfileSet } from "./profile-set.ts";
import { type DeviceProfile, isProfile, parseProfile } from "./profile.ts";
import type { ProfileExample } from "./profile-schema.ts";

const folder = join(import.meta.dirname, "../../profiles");
const files = globSync("*/*.yaml", { cwd: folder }).toSorted();
const parsed = files.map((file) => ({
  file,
  profile: parseProfile(parse(readFileSync(join(folder, file), "utf8")), file),
}));
const profiles = parsed.flatMap(({ profile }) => (isProfile(profile) ? [profile] : []));
const set = createProfileSet(profiles);

it("there are profiles", () => {
  expect(files.length).toBeGreaterThan(10);
});

it.each(parsed)("$file is a profile and is named as it", ({ file, profile }) => {
  expect("problems" in profile ? profile.problems : []).toEqual([]);
  expect(isProfile(profile) && `${profile.name}.yaml`).toBe(file);
});

const names = profiles.flatMap((profile) => profile.document.match.names.map((name) => ({ name, profile })));
it.each(names)("$name is the name of $profile.name", ({ name, profile }) => {
  const port = profile.document.match.ports?.[0];
  expect(set.find({ names: [name], ...(port !== undefined && { port }) })?.name).toBe(profile.name);
});

const signatures = profiles.flatMap((profile) => {
  const { fields } = profile.document.match;
  return fields === undefined ? [] : [{ fields, profile }];
});
it.each(signatures)("$fields are fields of $profile.name", ({ fields, profile }) => {
  expect(set.find({ names: [], fields })?.name).toBe(profile.name);
});

const examples = profiles.flatMap((profile) => profile.document.examples.map((example) => ({ profile, example })));
it.each(examples)("$profile.name: $example.name", ({ profile, example }) => {
  const decoded = decodedOf(profile, example);
  if (decoded === undefined) return expect(example.expect).toEqual([]);
  const { readings, refusals } = profile.read(decoded, { device: "lorawan:0000000000000000", time: undefined });
  expect(readings).toHaveLength(example.expect.length);
  expect(readings).toMatchObject(
    example.expect.map(({ time, ...rest }) =>
      Object.assign(rest, time !== undefined && { time: { instant: Date.parse(time) } }),
    ),
  );
  const unexpected = readings.filter(({ unit, channel, time }, at) => {
    const told = example.expect[at];
    return told?.unit !== unit || told?.channel !== channel || (told?.time === undefined) !== (time === undefined);
  });
  expect(unexpected).toEqual([]);
  expect(refusals.map(({ reading }) => reading)).toEqual(example.refused);
});

/** The object that the example's frame gives, which is the one it tells, where it tells both; undefined for a frame without values. */
function decodedOf(profile: DeviceProfile, { decoded, frame, port = 1, uplink }: ProfileExample) {
  if (frame === undefined) return decoded!;
  const time = uplink === undefined ? 0 : Date.parse(uplink);
  const result = profile.layout?.read({ bytes: Buffer.from(frame, "hex"), port, time });
  if (result === undefined || "problem" in result)
    throw new Error(JSON.stringify(result ?? "the profile has no layout"));
  if (decoded !== undefined) expect(result).toEqual({ decoded });
  return "skip" in result ? undefined : result.decoded;
}
