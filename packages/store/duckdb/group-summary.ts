import { setImmediate as nextTurn } from "node:timers/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { type Observation, type ObservationChunk, observationAt } from "@messnetz/model";
import { foldWindows } from "../fold.ts";
import { createHourWriter, hoursSelect } from "./hour-writer.ts";
import type { PartFile } from "./layout.ts";
import { type FileTask, readBackSql, type Series, type SeriesGroup, writeFile } from "./month-writing.ts";
import { observationSelection } from "./observation-columns.ts";
import type { PartStream } from "./part-streams.ts";
import { chunksOf } from "./read.ts";
import { endsWithHour, hourMs, pickRows } from "./hour-edge.ts";
import { fileColumns } from "./source-sql.ts";

export interface StreamSummary extends PartStream {
  /** By (phenomenon time, ordinal). */
  readonly newest: Observation;
}

/** By the numbers of the datastreams. */
export type Summaries = Map<number, StreamSummary>;

interface GroupTask {
  readonly group: SeriesGroup;
  readonly task: Pick<FileTask, "folder" | "name" | "metadata" | "range">;
}

/** Rows that are read back at once. */
const rowsPerQuery = 250_000;

type Open = { -readonly [K in keyof StreamSummary]: StreamSummary[K] };

/**
 * Reads a file of observations back, as it will be read for ever, and writes its aggregates by hour with the fold that all stores share: they are what
 * a fold of the rows would say, to the last bit. Takes turns with whoever else needs the thread.
 */
export async function summariseGroup(
  connection: DuckDBConnection,
  { group, task }: GroupTask,
): Promise<{ readonly file: PartFile; readonly known: Summaries }> {
  const byName = new Map(group.series.map((one) => [one.name, one]));
  const seriesOf = (name: string): number => byName.get(name)!.series;
  const known = new Map<string, Open>();
  const ends: ObservationChunk[] = [];

  async function* rest(): AsyncGenerator<ObservationChunk> {
    for await (const chunk of readBack(connection, { group, task })) {
      requireOrder(chunk);
      note(chunk, known, seriesOf);
      const own = pickRows(chunk, (row) => !endsWithHour(chunk, row));
      if (own !== chunk) ends.push(pickRows(chunk, (row) => endsWithHour(chunk, row)));
      yield own;
      await nextTurn();
    }
  }

  const writer = await createHourWriter(connection);
  const withStates = new Set<string>();
  for await (const chunk of foldWindows(rest(), hourMs)) {
    for (const row of chunk.states?.keys() ?? []) withStates.add(chunk.datastreams[chunk.datastream[row]!]!);
    writer.add(chunk, { seriesOf, atEnd: false });
  }
  for await (const chunk of foldWindows(listed(ends), hourMs)) {
    for (let row = 0; row < chunk.length; row++) {
      const name = chunk.datastreams[chunk.datastream[row]!]!;
      const isOne = chunk.count[row]! + chunk.bad[row]! === 1 && chunk.states?.has(row) !== true;
      if (!isOne || withStates.has(name)) known.get(name)!.hours = false;
    }
    writer.add(chunk, { seriesOf, atEnd: true });
    await nextTurn();
  }
  writer.close();
  const file = await writeFile(connection, { ...task, hours: true, select: hoursSelect });
  return { file, known: new Map([...known].map(([name, one]) => [byName.get(name)!.stream, one])) };
}

/** Throws where the file is not in order, on which everything of it relies. */
function requireOrder({ length, datastream, phenomenonTime, ordinal }: ObservationChunk): void {
  for (let row = 1; row < length; row++) {
    const step = datastream[row]! - datastream[row - 1]! || phenomenonTime[row]! - phenomenonTime[row - 1]!;
    if ((step || ordinal[row]! - ordinal[row - 1]!) <= 0)
      throw new Error(`expected row ${row} after the one before it`);
  }
}

/** Those that follow each other are counted and the last of them is the newest so far. */
function note(chunk: ObservationChunk, known: Map<string, Open>, seriesOf: (name: string) => number): void {
  for (let row = 0; row < chunk.length; row++) {
    const place = chunk.datastream[row]!;
    const name = chunk.datastreams[place]!;
    let last = row;
    let words = chunk.word?.[row] !== undefined;
    while (last + 1 < chunk.length && chunk.datastream[last + 1] === place) {
      last += 1;
      words ||= chunk.word?.[last] !== undefined;
    }
    const before = known.get(name);
    const rows = (before?.rows ?? 0) + last - row + 1;
    const newest = observationAt(chunk, last);
    known.set(name, { series: seriesOf(name), rows, words: words || before?.words === true, hours: true, newest });
    row = last;
  }
}

async function* listed<T>(list: readonly T[]): AsyncGenerator<T> {
  for (const item of list) {
    yield item;
    await nextTurn();
  }
}

interface Run {
  readonly series: readonly Series[];
  readonly rows: number;
}

function* runsOf({ series }: SeriesGroup): Generator<Run> {
  let run: Series[] = [];
  let rows = 0;
  for (const one of series) {
    if (run.length > 0 && rows + one.rows > rowsPerQuery) {
      yield { series: run, rows };
      run = [];
      rows = 0;
    }
    run.push(one);
    rows += one.rows;
  }
  if (run.length > 0) yield { series: run, rows };
}

async function* readBack(connection: DuckDBConnection, { group, task }: GroupTask): AsyncGenerator<ObservationChunk> {
  for (const { series, rows } of runsOf(group)) {
    const range = `series BETWEEN ${series[0]!.series} AND ${series.at(-1)!.series}`;
    for (let offset = 0; offset < rows; offset += rowsPerQuery) {
      // Only a datastream with more rows than one query takes is read in several: its file is in order.
      const piece = rows > rowsPerQuery ? `LIMIT ${rowsPerQuery} OFFSET ${offset}` : "";
      const result = await connection.run(
        `SELECT ${observationSelection()}, word FROM (
           SELECT ${fileColumns} FROM ${readBackSql(task.folder, task.name)} WHERE ${range} ${piece})`,
      );
      yield* chunksOf(result, { streams: series.map(({ stream, name }) => ({ id: stream, name })) });
      if (piece === "") break;
    }
  }
}
