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

test.each(["operator", "analyst", "device-maker"])("the German guide %s has the same commands", (name) => {
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

test("what the analyst's Power Query asks for comes, with the columns that it gives types to (Power BI runs on Windows only and is not opened)", async () => {
  const { code } = readGuide("analyst").find(({ language }) => language === "powerquery")!;
  const [, path] = /RelativePath = "([^"]+)"/.exec(code)!;
  const [, pairs] = /Query = \[([^\]]+)\]/.exec(code)!;
  const query = new URLSearchParams(
    [...pairs!.matchAll(/(\w+) = "([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
  );
  const reply = await fetch(`${town.url}/${path}?${query.toString()}`, {
    headers: { authorization: `Bearer ${town.token}` },
  });
  expect([reply.status, reply.headers.get("content-type")]).toEqual([200, expect.stringContaining("text/csv")]);
  const [header = "", ...rows] = (await reply.text()).trimEnd().split(/\r?\n/);
  const columns = header.replace("\uFEFF", "").split(",");
  const typed = [...code.matchAll(/\{"(\w+)", type (\w+)\}/g)].map(
    ([, name, type]) => [columns.indexOf(name!), type] as const,
  );
  expect(typed.length).toBeGreaterThan(1);
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows)
    for (const [column, type] of typed) {
      const cell = row.split(",")[column]!;
      expect(cell, row).toMatch(
        type === "number" ? /^-?[\d.]*(?:e[-+]?\d+)?$/ : /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[-+]\d\d:\d\d)$/,
      );
    }
});
