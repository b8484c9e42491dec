import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { StoreUnavailableError } from "../errors.ts";
import { batch, message, series, start, unknownUnit } from "../samples.fixture.ts";
import { type Database, openDatabase } from "./database.ts";
import { type DatabaseKeeper, keepDatabase } from "./database-keeper.ts";
import { readLedger } from "./ledger-read.ts";

const root = await mkdtemp(join(tmpdir(), "messnetz-keeper-"));
afterAll(() => rm(root, { recursive: true }));

const broken = new Error("the disk says no");

/** A database whose commit reaches the disk and fails all the same, or whose beat fails, as often as told. */
function createFaults(directory: string) {
  const faults = { commits: 0, beats: 0 };
  async function open(): Promise<Database> {
    const real = await openDatabase({ directory, quarantine: { maxBytes: 1e6, maxAgeMs: 1e12 } });
    let underWay: Database["underWay"];
    return {
      ...real,
      async commit(given, now) {
        const ledgerRows = real.ledgerRows();
        const result = await real.commit(given, now);
        if (faults.commits-- <= 0) return result;
        underWay = { messages: given.messages, result, ledgerRows };
        throw broken;
      },
      get underWay() {
        return underWay;
      },
      async beat(now) {
        if (faults.beats-- > 0) throw broken;
        await real.beat(now);
      },
    };
  }
  return { faults, open };
}

const commit = (keeper: DatabaseKeeper, given: ReturnType<typeof batch>) =>
  keeper.write("the commit", async (sane) => keeper.outlived(given) ?? sane.commit(given, start));
const beat = (keeper: DatabaseKeeper) => keeper.write("the check", (sane) => sane.beat(start));

it("counts a commit once that failed and was durable, whatever fails or is committed before it comes again", async () => {
  const { faults, open } = createFaults(join(root, "twice"));
  const keeper = await keepDatabase(open);
  const first = batch(message({ observations: series("a/x", 3) }), message({ refusals: [unknownUnit] }));
  const second = batch(message({ observations: series("b/x", 2) }));
  faults.commits = 1;
  await expect(commit(keeper, first)).rejects.toThrow(StoreUnavailableError);
  await beat(keeper);
  faults.beats = 1;
  await expect(beat(keeper)).rejects.toThrow(StoreUnavailableError);
  faults.commits = 1;
  await expect(commit(keeper, second)).rejects.toThrow(StoreUnavailableError);
  await commit(keeper, batch(message({ observations: series("c/x", 1) })));
  expect(await commit(keeper, first)).toMatchObject({ outcomes: { stored: 1, quarantined: 1 }, observations: 3 });
  expect(await commit(keeper, second)).toMatchObject({ outcomes: { stored: 1 }, observations: 2 });
  expect(await readLedger(keeper.current(), {})).toMatchObject([
    { received: 4, stored: 3, quarantined: 1, duplicate: 0 },
  ]);
  // The answer was given: the same once more is a repeat.
  expect(await commit(keeper, second)).toMatchObject({ outcomes: { duplicate: 1 } });
  await keeper.close();
});
