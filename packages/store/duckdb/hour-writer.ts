import type { DuckDBConnection } from "@duckdb/node-api";
import type { AggregateChunk } from "@messnetz/model";
import { columns } from "./column.ts";
import { hourCounts, hourNumbers, isOffset } from "./hour-columns.ts";
import { createTableWriter } from "./table-writer.ts";

export interface HourWriter {
  /** `atEnd`: made of amounts that end with their hour; these are kept apart, because the hour's end may be a query's. */
  add(chunk: AggregateChunk, place: { readonly seriesOf: (name: string) => number; readonly atEnd: boolean }): void;
  close(): void;
}

/** Gathers aggregates in the connection's temporary table `hour`. */
export async function createHourWriter(connection: DuckDBConnection): Promise<HourWriter> {
  const numbers = hourNumbers.map(([, name]) => `"${name}" DOUBLE`);
  const counts = hourCounts.map(([, name]) => `"${name}" UINTEGER`);
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE hour (series UINTEGER, at_end UTINYINT, begin BIGINT, drops VARCHAR, states VARCHAR,
     ${[...counts, ...numbers].join(", ")})`,
  );
  const table = await createTableWriter(connection, "hour", {
    series: columns.uint32(),
    atEnd: columns.uint8(),
    from: columns.int64(),
    drops: columns.text(),
    states: columns.text(),
    count: columns.uint32(),
    suspect: columns.uint32(),
    bad: columns.uint32(),
    ...Object.fromEntries(hourNumbers.map(([field]) => [field, columns.float64()])),
  });
  const cells = table.columns as typeof table.columns & Record<string, ReturnType<typeof columns.float64>>;

  function addRow(chunk: AggregateChunk, from: number): number {
    const row = table.addRow();
    const drops = chunk.drops?.get(from);
    const states = chunk.states?.get(from);
    if (drops === undefined) table.columns.drops.setNull(row);
    else table.columns.drops.set(row, JSON.stringify(drops));
    if (states === undefined) table.columns.states.setNull(row);
    else table.columns.states.set(row, JSON.stringify({ ...states, durations: [...states.durations] }));
    for (const [field] of hourCounts) table.columns[field].set(row, chunk[field][from]!);
    for (const [field] of hourNumbers) {
      const value = chunk[field][from]!;
      // No number is no value in a file: a NaN would spoil what others compute of it.
      if (Number.isNaN(value)) cells[field]!.setNull(row);
      else cells[field]!.set(row, value);
    }
    return row;
  }

  return {
    add(chunk, { seriesOf, atEnd }) {
      for (let from = 0; from < chunk.length; from++) {
        const row = addRow(chunk, from);
        table.columns.series.set(row, seriesOf(chunk.datastreams[chunk.datastream[from]!]!));
        table.columns.atEnd.set(row, Number(atEnd));
        table.columns.from.set(row, chunk.from[from]!);
      }
      table.append();
      table.clear();
    },
    close: table.close,
  };
}

function writtenColumn(name: string): string {
  return isOffset(name) ? `(hour."${name}" - begin)::INTEGER AS "${name}"` : `hour."${name}"`;
}

/** What a file of hours holds, from the temporary tables `hour` and `series`. */
export const hoursSelect = `
  SELECT datastream, make_timestamptz(begin * 1000) AS hour, at_end = 1 AS at_end,
    ${[...hourCounts, ...hourNumbers].map(([, name]) => writtenColumn(name)).join(", ")},
    drops, states, hour.series, number
  FROM hour JOIN series ON series.series = hour.series ORDER BY hour.series, begin, at_end`;
