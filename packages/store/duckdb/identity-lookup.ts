import type { DuckDBConnection } from "@duckdb/node-api";
import { columns } from "./column.ts";
import type { Identity } from "./identity-log.ts";
import { createTableWriter } from "./table-writer.ts";

/** Puts the identities into the temporary table `candidate`, which has no trace on the disk. */
async function offerCandidates(writer: DuckDBConnection, identities: readonly Identity[]): Promise<void> {
  await writer.run("CREATE OR REPLACE TEMP TABLE candidate (datastream INTEGER, time BIGINT, ordinal UINTEGER)");
  const candidates = await createTableWriter(writer, "candidate", {
    datastream: columns.int32(),
    time: columns.int64(),
    ordinal: columns.uint32(),
  });
  for (const { stream, phenomenonTime, ordinal } of identities) {
    const row = candidates.addRow();
    candidates.columns.datastream.set(row, stream);
    candidates.columns.time.set(row, phenomenonTime);
    candidates.columns.ordinal.set(row, ordinal);
  }
  candidates.append();
  candidates.close();
}

/** The bounds let the zone maps skip row groups. */
function withinBounds(table: string, identities: readonly Identity[]): string {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { phenomenonTime } of identities) {
    from = Math.min(from, phenomenonTime);
    to = Math.max(to, phenomenonTime);
  }
  return `${table}.time BETWEEN ${from} AND ${to} AND ${table}.datastream = candidate.datastream
    AND ${table}.time = candidate.time AND ${table}.ordinal = candidate.ordinal`;
}

export interface KnownIdentity extends Identity {
  readonly revision: number;
}

/** Those of the identities that are in the tables. */
export async function findIdentities(
  writer: DuckDBConnection,
  identities: readonly Identity[],
): Promise<KnownIdentity[]> {
  await offerCandidates(writer, identities);
  const result = await writer.runAndReadAll(
    ["timely", "late"]
      .map(
        (table) =>
          `SELECT ${table}.datastream, ${table}.time::DOUBLE, ${table}.ordinal, revision FROM ${table}, candidate
           WHERE ${withinBounds(table, identities)}`,
      )
      .join(" UNION ALL "),
  );
  return result.getRows().map(([stream, time, ordinal, revision]) => ({
    stream: Number(stream),
    phenomenonTime: Number(time),
    ordinal: Number(ordinal),
    revision: Number(revision),
  }));
}

/** Inside the open transaction. */
export async function deleteIdentities(writer: DuckDBConnection, identities: readonly Identity[]): Promise<void> {
  await offerCandidates(writer, identities);
  for (const table of ["timely", "late"]) {
    await writer.run(`DELETE FROM ${table} USING candidate WHERE ${withinBounds(table, identities)}`);
  }
}
