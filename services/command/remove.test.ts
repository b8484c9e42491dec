import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Child, createTemporaryFolder, findProgram, startChild } from "@messnetz/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const program = fileURLToPath(new URL("./main.ts", import.meta.url));
const townProgram = fileURLToPath(new URL("../town/main.ts", import.meta.url));
const folder = await createTemporaryFolder();
/** Of util-linux: a terminal for a program that has none. */
const script = findProgram("script");
let town: Child;
let environment: Readonly<Record<string, string | undefined>>;

beforeAll(async () => {
  const env = { MESSNETZ_DATA_DIR: join(folder.path, "town"), MESSNETZ_MQTT_PORT: "0", MESSNETZ_HTTP_PORT: "0" };
  town = await startChild(process.execPath, { args: [townProgram, "--no-demo"], env });
  const [, url = ""] = await town.sees(/API {4}(http\S+)/, 60_000);
  const [token] = await town.sees(/mn_\w+/);
  environment = { PATH: process.env["PATH"], MESSNETZ_URL: url, MESSNETZ_TOKEN: token };
}, 60_000);
afterAll(async () => {
  await town.stop();
  await folder.remove();
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(command: string, args: readonly string[]): Promise<Outcome> {
  return promisify(execFile)(command, args, { env: { ...environment }, cwd: folder.path }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as Outcome,
  );
}
const messnetz = async (...args: readonly string[]) => run(process.execPath, [program, ...args]);

test("an erasure is counted, wants to be confirmed, and prints its receipt", async () => {
  const span = ["--from", "2026-03-01T00:00:00+01:00", "--to", "2026-04-01T00:00:00+02:00"];
  const counted = await messnetz("remove", "--thing", "gauge-1,gauge-2", ...span, "--preview");
  expect(counted).toMatchObject({ code: 0, stderr: "" });
  expect(counted.stdout).toMatch(/^observations +0\ndatastreams +0\nmessages of the quarantine +0\n$/);

  const unasked = await messnetz("remove", "--thing", "gauge-1");
  expect(unasked).toMatchObject({ code: 1, stdout: "" });
  expect(unasked.stderr).toMatch(/nothing was removed.*--yes.*--preview/s);

  const done = await messnetz("remove", "--datastream", "gauge-1/flow", "--property", "flow", "--yes");
  expect(done).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^observations +0\n.*durable since +20.*receipt +[0-9a-f-]{36}\n$/s),
  });
  const asJson = JSON.parse((await messnetz("remove", "--thing", "gauge-1", "--yes", "--json")).stdout) as object;
  expect(asJson).toMatchObject({ state: "done", observations: 0, quarantined: 0 });

  const all = await messnetz("remove", "--yes");
  expect(all).toMatchObject({ code: 1, stderr: expect.stringContaining("a span alone would be everything") });
  expect(await messnetz("remove", "--thing", "gauge-1", "--yes", "--preview")).toMatchObject({ code: 1 });
});

test.skipIf(script === undefined)(
  `at a terminal it asks, and takes yes alone${script === undefined ? " (SKIPPED: script is not installed)" : ""}`,
  async () => {
    const answered = async (answer: string) => {
      const line = `echo ${answer} | exec "${script}" -qec '"${process.execPath}" "${program}" remove --thing gauge-1' /dev/null`;
      return run("/bin/sh", ["-c", line]);
    };
    expect((await answered("no")).stdout).toMatch(/Erase it\?.*nothing was removed/s);
    expect((await answered("yes")).stdout).toMatch(/Erase it\?.*durable since/s);
  },
);

test("months are listed and closed", async () => {
  expect(await messnetz("month", "list")).toMatchObject({ code: 0, stdout: "" });
  expect(await messnetz("month", "close")).toMatchObject({
    code: 0,
    stdout: "",
    stderr: "No month was to be closed.\n",
  });
  expect(await messnetz("month", "list", "--json")).toMatchObject({ code: 0, stdout: "[]\n" });
  expect(await messnetz("month", "open")).toMatchObject({ code: 1, stderr: expect.stringContaining("month list or") });
});
