import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { problemText } from "./document-problem.ts";
import { checkExamples } from "./profile-examples.ts";
import { createProfileSet } from "./profile-set.ts";
import { isProfile, parseProfile } from "./profile.ts";

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

it.each(profiles.map((profile) => ({ profile })))("the examples of $profile.name are as they say", ({ profile }) => {
  expect(checkExamples(profile, undefined).map(problemText)).toEqual([]);
});
