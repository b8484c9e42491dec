import type { DuckDBConnection } from "@duckdb/node-api";
import type { Desk } from "./desk.ts";
import { type HotTable, hotTableName, type Layout, type MonthState } from "./layout.ts";
import type { Month } from "./month.ts";
import { createNumberWriter, createWordWriter } from "./observation-columns.ts";
import { hotKinds, hotTableSql } from "./schema.ts";
import { StreamSet } from "./stream-set.ts";

export interface MonthWriters {
  readonly timely: Awaited<ReturnType<typeof createNumberWriter>>;
  readonly late: Awaited<ReturnType<typeof createNumberWriter>>;
  readonly spoken: Awaited<ReturnType<typeof createWordWriter>>;
}

/** The hot tables that take what comes, month by month. */
export interface HotDesk extends Desk {
  /** First, outside of a transaction: makes the months' tables where they are not there. */
  prepare(months: Iterable<Month>): Promise<void>;
  /** Then. */
  writersOf(month: Month): MonthWriters;
  /** What comes for the month from now on goes into other tables: those there are change by removal only. Between commits. */
  freeze(state: MonthState): void;
}

/** Months whose tables are held open for more: of old ones a little comes now and then. */
const maxOpenMonths = 6;

export async function createHotDesk(writer: DuckDBConnection, layout: Layout): Promise<HotDesk> {
  /** In the order of their last use. */
  const open = new Map<Month, MonthWriters>();
  let nextId = await firstFreeId();

  async function firstFreeId(): Promise<number> {
    // Tables that are retired but not dropped yet have their names still.
    const names = await writer.runAndReadAll("SELECT table_name FROM information_schema.tables");
    const ids = names.getRows().map(([name]) => Number(/^(?:timely|late|spoken)_(\d+)$/.exec(String(name))?.[1] ?? 0));
    return Math.max(0, ...ids) + 1;
  }

  async function createTables(state: MonthState): Promise<void> {
    const { month, generation } = state;
    const missing = hotKinds.filter(
      (kind) => !state.hot.some((table) => table.kind === kind && table.generation === generation),
    );
    if (missing.length === 0) return;
    const made = missing.map((kind): HotTable => {
      const id = nextId++;
      return { id, kind, name: hotTableName(kind, id), month, generation };
    });
    const statements = made.map(
      ({ id, kind, name }) =>
        `${hotTableSql(kind, name)}; INSERT INTO hot VALUES (${id}, '${kind}', ${month}, ${generation});`,
    );
    await writer.run(`BEGIN TRANSACTION; ${statements.join("\n")} COMMIT;`);
    if (missing.length === hotKinds.length && !state.touched.has(generation))
      state.touched.set(generation, new StreamSet());
    state.hot = [...state.hot, ...made];
  }

  async function openMonth(month: Month): Promise<MonthWriters> {
    const state = layout.ensure(month);
    await createTables(state);
    const nameOf = (kind: string) =>
      state.hot.find((table) => table.kind === kind && table.generation === state.generation)!.name;
    return {
      timely: await createNumberWriter(writer, nameOf("timely")),
      late: await createNumberWriter(writer, nameOf("late")),
      spoken: await createWordWriter(writer, nameOf("spoken")),
    };
  }

  function closeMonth(month: Month): void {
    const writers = open.get(month);
    open.delete(month);
    for (const kind of hotKinds) writers?.[kind].close();
  }

  return {
    async prepare(months) {
      for (const month of months) {
        const writers = open.get(month) ?? (await openMonth(month));
        open.delete(month);
        open.set(month, writers);
      }
    },
    writersOf(month) {
      const writers = open.get(month);
      if (writers === undefined) throw new Error(`expected the tables of month ${month} to be prepared`);
      return writers;
    },
    freeze(state) {
      closeMonth(state.month);
      state.generation += 1;
      state.touched.set(state.generation, new StreamSet());
    },
    append() {
      for (const writers of open.values()) for (const kind of hotKinds) writers[kind].append();
    },
    settle() {
      for (const writers of open.values()) for (const kind of hotKinds) writers[kind].clear();
      for (const month of open.keys()) if (open.size > maxOpenMonths) closeMonth(month);
    },
    close() {
      for (const month of open.keys()) closeMonth(month);
    },
  };
}
