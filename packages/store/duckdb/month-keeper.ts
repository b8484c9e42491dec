import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { EpochMs } from "@messnetz/model";
import { StoreUnavailableError } from "../errors.ts";
import type { ClosedMonth, MonthArchive } from "../month-archive.ts";
import type { RemovalQuery, RemovalReceipt } from "../port.ts";
import { createTurns } from "../turns.ts";
import { writeMonth, type WrittenMonth } from "./close-month.ts";
import type { DatabaseKeeper } from "./database-keeper.ts";
import type { Database } from "./database.ts";
import type { MonthState } from "./layout.ts";
import { toClosedMonth } from "./closed-month.ts";
import { type Month, monthName } from "./month.ts";
import { defaults, type DuckDbStoreOptions } from "./options.ts";
import { clearRetired } from "./part-folder.ts";
import { enterPart, settlePart } from "./part-entry.ts";
import { boundsOf } from "./read-plan.ts";
import { createRemoval, type Removal } from "./removal.ts";

export interface MonthKeeper extends MonthArchive {
  remove(query: RemovalQuery): Promise<RemovalReceipt>;
  /** Resolves when nothing is under way: what is being written ends with the database, and is cleared at the next start. */
  stop(): Promise<void>;
}

interface Parts {
  readonly keeper: DatabaseKeeper;
  readonly clock: () => EpochMs;
  readonly options: DuckDbStoreOptions;
}

/**
 * Closes months and removes from them, one after the other. The long part of it, writing files, goes on beside the commits; only freezing a
 * month and entering its files wait for their turn among them.
 */
export function keepMonths({ keeper, clock, options }: Parts): MonthKeeper {
  const { monthGraceMs, monthRenewalMs, rowsPerFile } = { ...defaults, ...options };
  const inTurn = createTurns();
  let isStopping = false;

  function tell(step: "frozen" | "written" | "entered" | "cleared", month: Month, revision: number): void {
    options.onEvent?.({ kind: "month", month: monthName(month), revision, step });
  }

  function isDue({ to, part }: MonthState, now: EpochMs): boolean {
    return to + monthGraceMs <= now && (part === undefined || part.closedAt + monthRenewalMs <= now);
  }

  /** Hot tables may be empty: what came was a repeat, or was removed. */
  async function hasRows({ engine }: Database, { hot }: MonthState): Promise<boolean> {
    if (hot.length === 0) return false;
    const counts = hot.map(({ name }) => `(SELECT count(*) FROM ${name})`).join(" + ");
    return Number((await (await engine.read(`SELECT (${counts})::DOUBLE`)).getRows())[0]?.[0]) > 0;
  }

  /** Undefined where the database was opened anew meanwhile: what was written for the one before is not to be entered. */
  function inDatabase<T>(database: Database, what: string, task: () => Promise<T>): Promise<T | undefined> {
    return keeper.write(what, (sane) => (sane === database ? task() : Promise.resolve(undefined)));
  }

  /** Writes the month's next revision, without what the removal names, and lets it stand. */
  async function renew(month: Month, removal?: Removal): Promise<WrittenMonth> {
    const frozen = await keeper.write("freezing a month", (sane) => {
      const state = sane.layout.ensure(month);
      sane.hot.freeze(state);
      return Promise.resolve({ database: sane, state });
    });
    const { database, state } = frozen;
    const before = state.part;
    const revision = (before?.revision ?? 0) + 1;
    tell("frozen", month, revision);
    const written = await writeMonth(database, state, {
      rowsPerFile,
      now: clock(),
      ...(removal === undefined ? {} : { without: removal.condition }),
    });
    tell("written", month, revision);
    const entered = await inDatabase(database, "entering a closed month", async () => {
      await database.transact(async () => {
        await enterPart(database.engine.writer, written);
        await removal?.deleteHot(
          database,
          state.hot.filter((table) => !written.frozen.includes(table)),
        );
      });
      settlePart(state, written);
      if (removal === undefined) return true;
      removal.count(written.left);
      await removal.settle(database);
      return true;
    });
    if (entered !== true)
      throw new StoreUnavailableError(`the database was opened anew while ${monthName(month)} was written`);
    tell("entered", month, revision);
    await database.engine.readersGone();
    await inDatabase(database, "clearing up after a closed month", () =>
      clearRetired(database.engine.writer, database.layout),
    );
    for (const { name } of before?.files ?? []) await rm(join(database.folder, name), { force: true });
    tell("cleared", month, revision);
    return written;
  }

  async function close(which?: "due"): Promise<readonly ClosedMonth[]> {
    const now = clock();
    const { layout } = keeper.current();
    const over = layout.all().filter((state) => (which === "due" ? isDue(state, now) : state.to <= now));
    const closed: ClosedMonth[] = [];
    for (const { month } of over) {
      if (isStopping) break;
      const database = keeper.current();
      const state = database.layout.get(month);
      if (state === undefined || !(await hasRows(database, state))) continue;
      await renew(month);
      const current = keeper.current();
      closed.push(...toClosedMonth(current, current.layout.get(month)));
    }
    return closed;
  }

  async function remove(query: RemovalQuery): Promise<RemovalReceipt> {
    // In turn with commits: after a failed one the database at hand may know less than what is durable.
    const named = await keeper.write("looking for what is to be removed", async ({ streams }) => streams.select(query));
    const removal = createRemoval(named, boundsOf(query));
    const months: string[] = [];
    if (removal.streams.length > 0) {
      const { layout } = keeper.current();
      for (const { month } of layout.within(removal)) {
        if (!(await removal.isInFiles(keeper.current(), month))) continue;
        await renew(month, removal);
        months.push(monthName(month));
      }
      await keeper.write("removing observations", async (sane) => {
        const hot = sane.layout.within(removal).flatMap((state) => state.hot);
        await sane.transact(() => removal.deleteHot(sane, hot));
        await removal.settle(sane);
      });
    }
    return { ...removal.receipt(), months, removedAt: clock() };
  }

  return {
    list() {
      const database = keeper.current();
      return database.layout.all().flatMap((state) => toClosedMonth(database, state));
    },
    close: (which) => inTurn(() => close(which)),
    remove: (query) => inTurn(() => remove(query)),
    async stop() {
      isStopping = true;
      await inTurn(() => Promise.resolve());
    },
  };
}
