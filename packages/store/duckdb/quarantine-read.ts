import type { DuckDBBlobValue, DuckDBValue } from "@duckdb/node-api";
import type { EpochMs, QuarantineEntry, Refusal } from "@messnetz/model";
import type { QuarantineQuery, QuarantineStore } from "../port.ts";
import type { Database } from "./database.ts";

const entryColumns = "id, source, device, topic, received::DOUBLE, refusals, octet_length(payload)::DOUBLE";

function toEntry({ sources, devices }: Database, row: readonly DuckDBValue[]): QuarantineEntry {
  const [id, source, device, topic, received, refusals, payloadBytes] = row;
  return {
    id: String(id),
    source: sources.nameOf(Number(source)),
    device: devices.nameOf(Number(device)),
    topic: String(topic),
    receivedAt: Number(received),
    // Written by ourselves, from values of this type.
    refusals: JSON.parse(String(refusals)) as Refusal[],
    payloadBytes: Number(payloadBytes),
  };
}

/** Newest first, of what was received after `cutoff`. */
export async function listEntries(
  database: Database,
  query: QuarantineQuery,
  cutoff: EpochMs,
): Promise<QuarantineEntry[]> {
  const { sources, interval, before, limit } = query;
  const conditions = [`received > ${cutoff}`];
  const values: DuckDBValue[] = [];
  if (sources !== undefined) {
    const ids = sources.flatMap((source) => database.sources.find(source) ?? []);
    if (ids.length === 0) return [];
    conditions.push(`source IN (${ids.join(",")})`);
  }
  if (interval !== undefined) conditions.push(`received >= ${interval.from} AND received < ${interval.to}`);
  if (before !== undefined) {
    conditions.push(`(received < ${before.receivedAt} OR (received = ${before.receivedAt} AND id < $1))`);
    values.push(before.id);
  }
  const sql = `SELECT ${entryColumns} FROM quarantine WHERE ${conditions.join(" AND ")} ORDER BY received DESC, id DESC LIMIT ${limit}`;
  const rows = await (await database.engine.read(sql, values)).getRows();
  return rows.map((row) => toEntry(database, row));
}

export async function getEntry(database: Database, id: string, cutoff: EpochMs): ReturnType<QuarantineStore["get"]> {
  const sql = `SELECT ${entryColumns}, payload FROM quarantine WHERE id = $1 AND received > ${cutoff}`;
  const row = (await (await database.engine.read(sql, [id])).getRows())[0];
  if (row === undefined) return undefined;
  const payload = row.at(-1) as DuckDBBlobValue;
  return { ...toEntry(database, row), payload: new Uint8Array(payload.bytes) };
}
