import type { DuckDBConnection } from "@duckdb/node-api";
import { columns } from "./column.ts";
import type { Identity } from "./identity-log.ts";
import { observationTables } from "./schema.ts";
import { createTableWriter } from "./table-writer.ts";

export interface KnownIdentity extends Identity {
  readonly revision: number;
}

/** Puts the identities into the temporary table `candidate`, which has no trace on the disk. */
async function offerCandidates(writer: DuckDBConnection, identities: readonly Partial<KnownIdentity>[]): Promise<void> {
  await writer.run(
    "CREATE OR REPLACE TEMP TABLE candidate (datastream INTEGER, time BIGINT, ordinal UINTEGER, revision UINTEGER)",
  );
  const candidates = await createTableWriter(writer, "candidate", {
    datastream: columns.int32(),
    time: columns.int64(),
    ordinal: columns.uint32(),
    revision: columns.uint32(),
  });
  for (const { stream = 0, phenomenonTime = 0, ordinal = 0, revision = 0 } of identities) {
    const row = candidates.addRow();
    candidates.columns.datastream.set(row, stream);
    candidates.columns.time.set(row, phenomenonTime);
    candidates.columns.ordinal.set(row, ordinal);
    candidates.columns.revision.set(row, revision);
  }
  candidates.append();
  candidates.close();
}

/** The bounds let the zone maps skip row groups. */
function matches(table: string, identities: readonly Identity[]): string {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { phenomenonTime } of identities) {
    from = Math.min(from, phenomenonTime);
    to = Math.max(to, phenomenonTime);
  }
  return `${table}.time BETWEEN ${from} AND ${to} AND ${table}.datastream = candidate.datastream
    AND ${table}.time = candidate.time AND ${table}.ordinal = candidate.ordinal`;
}

/** Those of the identities that are in the tables. */
export async function findIdentities(
  writer: DuckDBConnection,
  identities: readonly Identity[],
): Promise<KnownIdentity[]> {
  await offerCandidates(writer, identities);
  const perTable = observationTables.map(
    (table) => `SELECT ${table}.datastream, ${table}.time::DOUBLE, ${table}.ordinal, ${table}.revision
      FROM ${table}, candidate WHERE ${matches(table, identities)}`,
  );
  const result = await writer.runAndReadAll(perTable.join(" UNION ALL "));
  return result.getRows().map(([stream, time, ordinal, revision]) => ({
    stream: Number(stream),
    phenomenonTime: Number(time),
    ordinal: Number(ordinal),
    revision: Number(revision),
  }));
}

/** Deletes what has an earlier revision than given. Inside the open transaction, whose own rows are meant too. */
export async function deleteCorrected(writer: DuckDBConnection, corrections: readonly KnownIdentity[]): Promise<void> {
  await offerCandidates(writer, corrections);
  for (const table of observationTables) {
    await writer.run(
      `DELETE FROM ${table} USING candidate WHERE ${matches(table, corrections)} AND ${table}.revision < candidate.revision`,
    );
  }
}
