import type { DuckDBConnection } from "@duckdb/node-api";
import { hotTableName } from "./layout.ts";
import { type Month, monthName, monthOf, monthStart } from "./month.ts";
import { hotKinds, hotTableSql, monthsSql, schemaVersion } from "./schema.ts";

/**
 * Brings a database of version 1, whose observations lay in one table of each kind, to what this version reads: all of it or, killed
 * in between, nothing. Whether there was anything to do.
 */
export async function migrate(writer: DuckDBConnection, version: number): Promise<boolean> {
  if (version !== 1) return false;
  await writer.run(`BEGIN TRANSACTION; DROP VIEW observation; DROP VIEW measured; ${monthsSql}`);
  let id = 0;
  for (const kind of hotKinds) {
    for (const month of await monthsIn(writer, kind)) {
      id += 1;
      const table = hotTableName(kind, id);
      await writer.run(
        `${hotTableSql(kind, table)}; INSERT INTO hot VALUES (${id}, '${kind}', ${month}, 1);
         INSERT INTO ${table} SELECT * FROM ${kind} WHERE ${within(month)};`,
      );
    }
    await writer.run(`DROP TABLE ${kind}`);
  }
  await writer.run(`UPDATE messnetz SET schema_version = ${schemaVersion}; COMMIT;`);
  return true;
}

/** Months that the table has rows of; by day first, so that no calendar is asked for each row. */
async function monthsIn(writer: DuckDBConnection, table: string): Promise<Month[]> {
  const days = await writer.runAndReadAll(`SELECT DISTINCT (time // 86400000)::DOUBLE FROM ${table}`);
  // Integer division goes towards 0: a day has rows before its begin, where that is before 1970.
  const times = days.getRows().flatMap(([day]) => [(Number(day) - 1) * 86_400_000 + 1, Number(day) * 86_400_000]);
  return [...new Set(times.flatMap((time) => [monthOf(time), monthOf(time + 86_399_999)]))].sort((a, b) => a - b);
}

function within(month: Month): string {
  const [from, to] = [monthStart(month), monthStart(month + 1)];
  const bounds = [
    ...(Number.isFinite(from) ? [`time >= ${from}`] : []),
    ...(Number.isFinite(to) ? [`time < ${to}`] : []),
  ];
  if (bounds.length === 0) throw new Error(`expected a bound of month ${monthName(month)}`);
  return bounds.join(" AND ");
}
