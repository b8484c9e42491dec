import type { DuckDBConnection } from "@duckdb/node-api";
import { columns } from "./column.ts";
import type { Identity } from "./identity-log.ts";
import type { Layout, MonthState } from "./layout.ts";
import { type Month, monthOf } from "./month.ts";
import { filesWith, instant, readFilesSql, seriesCondition, seriesOf } from "./source-sql.ts";
import { createTableWriter } from "./table-writer.ts";

export interface KnownIdentity extends Identity {
  readonly revision: number;
}

/** Where the lookup looks. */
export interface Lookup {
  readonly writer: DuckDBConnection;
  readonly layout: Layout;
  /** Of the files of closed months. */
  readonly folder: string;
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

function groupByMonth<I extends Identity>(layout: Layout, identities: readonly I[]): [MonthState, I[]][] {
  const groups = new Map<Month, I[]>();
  for (const identity of identities) {
    const month = monthOf(identity.phenomenonTime);
    const group = groups.get(month);
    if (group === undefined) groups.set(month, [identity]);
    else group.push(identity);
  }
  return [...groups].flatMap(([month, group]) => {
    const state = layout.get(month);
    return state === undefined ? [] : [[state, group] as [MonthState, I[]]];
  });
}

function boundsOf(identities: readonly Identity[]): { readonly from: number; readonly to: number } {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { phenomenonTime } of identities) {
    from = Math.min(from, phenomenonTime);
    to = Math.max(to, phenomenonTime);
  }
  return { from, to };
}

/** The bounds let the zone maps skip row groups. */
function matches(table: string, identities: readonly Identity[]): string {
  const { from, to } = boundsOf(identities);
  return `${table}.time BETWEEN ${from} AND ${to} AND ${table}.datastream = candidate.datastream
    AND ${table}.time = candidate.time AND ${table}.ordinal = candidate.ordinal`;
}

/** The rows of the identities' datastreams in the files of a closed month, of their time only. */
function partRows({ part }: MonthState, folder: string, identities: readonly Identity[]): string | undefined {
  if (part === undefined) return undefined;
  const streams = [...new Set(identities.map(({ stream }) => stream))].map((id) => ({ id }));
  const series = seriesOf(part, streams);
  const files = filesWith(part.files, series).filter(({ hours }) => !hours);
  if (files.length === 0) return undefined;
  const { from, to } = boundsOf(identities);
  return `(SELECT number AS datastream, epoch_ms(phenomenon_time) AS time, ordinal, revision
    FROM ${readFilesSql(folder, files)}
    WHERE ${seriesCondition(series)} AND phenomenon_time BETWEEN ${instant(from)} AND ${instant(to)})`;
}

/** Those of the identities that are somewhere, each with its highest revision. */
export async function findIdentities(
  { writer, layout, folder }: Lookup,
  identities: readonly Identity[],
): Promise<KnownIdentity[]> {
  const perTable = groupByMonth(layout, identities).flatMap(([state, group]) => {
    const closed = partRows(state, folder, group);
    const tables = [...state.hot.map(({ name }) => name), ...(closed === undefined ? [] : [closed])];
    return tables.map(
      (table) => `SELECT known.datastream, known.time::DOUBLE AS time, known.ordinal, known.revision
        FROM ${table} AS known, candidate WHERE ${matches("known", group)}`,
    );
  });
  if (perTable.length === 0) return [];
  await offerCandidates(writer, identities);
  const result = await writer.runAndReadAll(
    `SELECT datastream, time, ordinal, max(revision) FROM (${perTable.join(" UNION ALL ")}) GROUP BY ALL`,
  );
  return result.getRows().map(([stream, time, ordinal, revision]) => ({
    stream: Number(stream),
    phenomenonTime: Number(time),
    ordinal: Number(ordinal),
    revision: Number(revision),
  }));
}

/**
 * Deletes what has an earlier revision than given, and masks it where it is closed or about to be. Inside the open transaction, whose
 * own rows are meant too.
 */
export async function deleteCorrected(
  { writer, layout }: Lookup,
  corrections: readonly KnownIdentity[],
): Promise<void> {
  await offerCandidates(writer, corrections);
  for (const [state, group] of groupByMonth(layout, corrections)) {
    const { month, generation, part, hot } = state;
    for (const { name } of hot.filter((table) => table.generation === generation)) {
      await writer.run(
        `DELETE FROM ${name} USING candidate WHERE ${matches(name, group)} AND ${name}.revision < candidate.revision`,
      );
    }
    if (part === undefined && hot.every((table) => table.generation === generation)) continue;
    const { from, to } = boundsOf(group);
    // Before the commit: a reader that looks for masks in vain loses nothing.
    state.maskedBy = generation;
    await writer.run(`INSERT INTO masked SELECT DISTINCT ${month}, ${generation}, datastream, time, ordinal
      FROM candidate WHERE time BETWEEN ${from} AND ${to}`);
  }
}
