import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createTemporaryFolder } from "@messnetz/testing";
import { expect, it } from "vitest";
import { observation } from "../samples.fixture.ts";
import { openDuckDbStore } from "./store.ts";
import { closingOptions } from "./trial-months.fixture.ts";

const removing = fileURLToPath(new URL("./removing-process.fixture.ts", import.meta.url));
const isFull = process.env["MESSNETZ_TRIALS"] === "full";
const dayMs = 86_400_000;
const doomed = "gauge-1/level";
const datastreams = [doomed, "gauge-2/level"];
const days = 90;

/** The count of its receipt; undefined where it was killed before that. */
async function eraseUntilKilled(directory: string, step: string, times: number): Promise<number | undefined> {
  const child = spawn(process.execPath, [removing, directory, doomed, step, String(times)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (text: Buffer) => (said += text.toString()));
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  expect(signal).toBe("SIGKILL");
  expect(said).toMatch(/^open\n/);
  const receipt = /receipt (\d+)/.exec(said)?.[1];
  return receipt === undefined ? undefined : Number(receipt);
}

it(
  "an erasure that is killed gives no receipt, and asked again nothing is left of it and all of the others",
  { timeout: 120_000 },
  async () => {
    // Of the first and the second of the closed months; and killed behind its receipt.
    const all = ["written", "entered", "cleared"].flatMap((step) => [[step, 1] as const, [step, 2] as const]);
    const steps = isFull
      ? all
      : all.filter(([step, times]) => (step === "written") === (times === 2) && step !== "cleared");
    let cut = 0;
    for (const [step, times] of [...steps, ["never", 1] as const]) {
      await using folder = await createTemporaryFolder();
      const options = { ...closingOptions, directory: folder.path };
      const store = await openDuckDbStore(options);
      const first = closingOptions.clock() - days * dayMs;
      await store.observations.write(
        datastreams.flatMap((datastream) =>
          Array.from({ length: days }, (_, day) =>
            observation({ datastream, phenomenonTime: first + day * dayMs, result: day }),
          ),
        ),
      );
      const closed = await store.months.close();
      expect(closed.length).toBeGreaterThan(1);
      await store.close();

      const receipt = await eraseUntilKilled(folder.path, step, times);
      const again = await openDuckDbStore(options);
      const left = await again.observations.count({ datastreams: [doomed] });
      if (receipt === undefined) cut++;
      else expect({ step, receipt, left }).toEqual({ step, receipt: days, left: 0 });
      expect(await again.observations.remove({ datastreams: [doomed] })).toMatchObject({ observations: left });
      expect(await again.observations.count({})).toBe(days);
      expect((await again.observations.latest({})).map(({ datastream }) => datastream)).toEqual(["gauge-2/level"]);
      await again.close();
    }
    expect(cut).toBe(steps.length);
  },
);
