import type { DuckDBConnection } from "@duckdb/node-api";
import { columns } from "./column.ts";
import type { WrittenMonth } from "./close-month.ts";
import type { MonthState } from "./layout.ts";
import { addObservation, observationColumns } from "./observation-columns.ts";
import { traitsOf } from "./part-streams.ts";
import { idCondition, textLiteral } from "./source-sql.ts";
import { createTableWriter } from "./table-writer.ts";

/** Lets the files stand for the rows. Inside a transaction. */
export async function enterPart(writer: DuckDBConnection, { part, summaries, frozen }: WrittenMonth): Promise<void> {
  const { month, revision, generation, rows, closedAt, files } = part;
  const entries = files.map(
    ({ name, hours, firstSeries, lastSeries, rows: rowsOfFile, bytes, sha256 }) =>
      `INSERT INTO part_file VALUES (${month}, ${textLiteral(name)}, ${hours}, ${firstSeries}, ${lastSeries}, ${rowsOfFile}, ${bytes}, '${sha256}');`,
  );
  await writer.run(`
    DELETE FROM part WHERE month = ${month};
    DELETE FROM part_file WHERE month = ${month};
    DELETE FROM part_stream WHERE month = ${month};
    DELETE FROM hot WHERE ${idCondition(
      "id",
      frozen.map(({ id }) => id),
    )};
    INSERT INTO part VALUES (${month}, ${revision}, ${generation}, ${rows}, ${closedAt});
    ${entries.join("\n")}`);
  const table = await createTableWriter(writer, "part_stream", {
    ...observationColumns(columns.float64()),
    word: columns.text(),
    month: columns.int32(),
    series: columns.uint32(),
    rows: columns.uint32(),
    traits: columns.uint8(),
  });
  for (const [stream, summary] of summaries) {
    const row = addObservation(table, stream, summary.newest);
    const { result } = summary.newest;
    if (typeof result === "string") {
      table.columns.result.setNull(row);
      table.columns.word.set(row, result);
    } else {
      table.columns.result.set(row, result);
      table.columns.word.setNull(row);
    }
    table.columns.month.set(row, month);
    table.columns.series.set(row, summary.series);
    table.columns.rows.set(row, summary.rows);
    table.columns.traits.set(row, traitsOf(summary));
  }
  table.append();
  table.close();
}

/** After the commit. */
export function settlePart(state: MonthState, { part, frozen }: WrittenMonth): void {
  const retired = new Set(frozen);
  state.part = part;
  state.hot = state.hot.filter((table) => !retired.has(table));
  for (const generation of state.touched.keys()) if (generation <= part.generation) state.touched.delete(generation);
}
