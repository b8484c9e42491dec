import { createTemporaryFolder } from "@messnetz/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readGuide, runners, type Surroundings } from "./guide-blocks.fixture.ts";
import { atTown, type GuideTown, startGuideTown } from "./guide-town.fixture.ts";

let town: GuideTown;
const open: AsyncDisposable[] = [];
beforeAll(async () => {
  town = await startGuideTown();
  open.push(town);
}, 60_000);
afterAll(async () => {
  for (const one of open.toReversed()) await one[Symbol.asyncDispose]();
});

/** The languages of the guides that are shown and not run: settings, messages, other programs' own. */
const shown = new Set(["env", "json", "console", "powerquery"]);

describe.each(["operator", "analyst", "device-maker"])("the guide %s", (name) => {
  let surroundings: Surroundings;
  beforeAll(async () => {
    const folder = await createTemporaryFolder();
    open.push(folder);
    const { url, door, token, password, administrator } = town;
    surroundings = {
      folder: folder.path,
      env: {
        URL: url,
        TOKEN: token,
        ADMIN: administrator,
        MESSNETZ_URL: url,
        MESSNETZ_TOKEN: name === "operator" ? administrator : token,
        HOST: door.host,
        PORT: String(door.port),
        PASSWORD: password,
      },
    };
  });

  const blocks = readGuide(name).filter(({ language }) => !shown.has(language));
  test("has blocks to run, all in languages that are known here", () => {
    expect(blocks.length).toBeGreaterThan(3);
    expect(blocks.filter(({ language }) => runners[language] === undefined)).toEqual([]);
  });

  for (const { name: title, language, code, expected } of blocks) {
    const missing = runners[language]?.missing(code);
    test.skipIf(missing !== undefined)(
      `${title}${missing === undefined ? "" : `: not run, for ${missing} is missing`}`,
      async () => {
        const printed = await runners[language]!.run(atTown(code, town), surroundings);
        for (const pattern of expected) expect(printed).toMatch(pattern);
      },
    );
  }
});

test.each(["operator", "analyst"])("the German guide %s has the same commands", (name) => {
  const commands = (guide: string) =>
    readGuide(guide).map(({ language, code }) => [
      language,
      code
        .replaceAll("&language=en", "")
        .replaceAll(/ +#.*$/gm, "")
        .replaceAll(/^export (\w+)=.*$/gm, "export $1"),
    ]);
  expect(commands(`${name}.de`)).toEqual(commands(name));
});
