import type { DuckDBConnection } from "@duckdb/node-api";
import type { EpochMs } from "@messnetz/model";
import type { Database } from "./database.ts";
import { summariseGroup, type Summaries } from "./group-summary.ts";
import type { HotTable, MonthState, Part, PartFile } from "./layout.ts";
import { monthName } from "./month.ts";
import { fileName, groupSeries, observationsSelect, offerSeries, writeFile } from "./month-writing.ts";
import { PartStreams } from "./part-streams.ts";
import { allRows, observationsSql } from "./source-sql.ts";

/** Something that ends a process in the middle, in trials. */
export type CloseStep = "frozen" | "written" | "entered" | "cleared";

export interface CloseOptions {
  readonly rowsPerFile: number;
  readonly now: EpochMs;
  /** Rows of the month that are left out, as a condition over `datastream` and `time`. */
  readonly without?: string;
  readonly onStep?: (step: CloseStep) => void;
}

/** A month's files, complete and durable, that nothing knows of yet. */
export interface WrittenMonth {
  readonly part: Part;
  readonly summaries: Summaries;
  /** Hot tables whose rows are in the files. */
  readonly frozen: readonly HotTable[];
  /** Rows that `without` left out, of hot tables and of files. */
  readonly left: { readonly hot: number; readonly closed: number; readonly streams: readonly number[] };
}

/**
 * Writes the next revision of the month: everything of the generations before the one that takes what comes now. The month's state must have been
 * frozen; what comes meanwhile is not touched. Memory is bounded by the store's limit, whatever is sorted beyond it is spilled.
 */
export async function writeMonth(
  database: Database,
  state: MonthState,
  { rowsPerFile, now, without }: CloseOptions,
): Promise<WrittenMonth> {
  const { engine, folder, names } = database;
  const { month, generation } = state;
  const frozen = state.hot.filter((table) => table.generation < generation);
  const revision = (state.part?.revision ?? 0) + 1;
  const seen: MonthState = { ...state, hot: frozen };
  const rowsOf = (one: MonthState): string => observationsSql({ within: () => [one] }, folder, allRows);
  return engine.work(async (connection) => {
    const left = await countLeft(
      connection,
      { hot: rowsOf({ ...seen, part: undefined }), closed: rowsOf({ ...seen, hot: [] }) },
      without,
    );
    const rows = without === undefined ? rowsOf(seen) : `(SELECT * FROM ${rowsOf(seen)} WHERE NOT (${without}))`;
    const counted = await connection.runAndReadAll(
      `SELECT datastream, count(*)::DOUBLE FROM ${rows} GROUP BY datastream`,
    );
    const groups = groupSeries(
      counted.getRows().map(([stream, count]) => ({
        stream: Number(stream),
        name: names.nameOf(Number(stream)),
        rows: Number(count),
      })),
      rowsPerFile,
    );
    await offerSeries(connection, groups);
    const files: PartFile[] = [];
    const summaries: Summaries = new Map();
    const streams = new PartStreams();
    for (const [at, group] of groups.entries()) {
      const name = fileName({ month, revision }, at, groups.length);
      const metadata = { messnetz_month: monthName(month), messnetz_revision: String(revision) };
      const range = [group.series[0]!.series, group.series.at(-1)!.series] as const;
      const task = { folder, name, metadata, range };
      files.push(await writeFile(connection, { ...task, hours: false, select: observationsSelect(rows, group) }));
      const { file, known } = await summariseGroup(connection, { group, task });
      files.push(file);
      for (const [stream, summary] of known) {
        summaries.set(stream, summary);
        streams.set(stream, summary);
      }
    }
    const rowsWritten = files.reduce((sum, file) => sum + (file.hours ? 0 : file.rows), 0);
    const part: Part = {
      month,
      revision,
      generation: generation - 1,
      rows: rowsWritten,
      closedAt: now,
      files,
      streams,
    };
    return { part, summaries, frozen, left };
  });
}

async function countLeft(
  connection: DuckDBConnection,
  rows: { readonly hot: string; readonly closed: string },
  without: string | undefined,
): Promise<WrittenMonth["left"]> {
  if (without === undefined) return { hot: 0, closed: 0, streams: [] };
  const streams = new Set<number>();
  const count = async (of: string): Promise<number> => {
    const result = await connection.runAndReadAll(
      `SELECT datastream, count(*)::DOUBLE FROM ${of} WHERE ${without} GROUP BY datastream`,
    );
    let sum = 0;
    for (const [stream, rowsOfStream] of result.getRows()) {
      streams.add(Number(stream));
      sum += Number(rowsOfStream);
    }
    return sum;
  };
  return { hot: await count(rows.hot), closed: await count(rows.closed), streams: [...streams] };
}
