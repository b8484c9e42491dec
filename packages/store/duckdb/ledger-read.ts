import { type LedgerRow, outcomes } from "@messnetz/model";
import { compareLedgerRows, emptyCounts, toLedgerRow } from "../ledger-tally.ts";
import type { LedgerQuery } from "../port.ts";
import type { Database } from "./database.ts";
import { oneOf } from "./dictionary.ts";

/** Messages per outcome, in the order of the model, then observations. */
const sums = [
  ...outcomes.map((_, index) => `coalesce(sum(messages) FILTER (outcome = ${index}), 0)::DOUBLE`),
  "sum(observations)::DOUBLE",
].join(", ");
const fields = [...outcomes, "observations"] as const;

export async function readLedger(database: Database, query: LedgerQuery): Promise<LedgerRow[]> {
  const conditions = [
    ...oneOf("source", query.sources, database.sources),
    ...oneOf("device", query.devices, database.devices),
    ...(query.fromDay === undefined ? [] : [`day >= '${isoDay(query.fromDay)}'`]),
    ...(query.toDay === undefined ? [] : [`day <= '${isoDay(query.toDay)}'`]),
  ];
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  const sql = `SELECT day::VARCHAR, source, device, ${sums} FROM ledger ${where} GROUP BY day, source, device`;
  const rows = await (await database.engine.read(sql)).getRows();
  return rows
    .map(([day, source, device, ...sum]) => {
      const counts = emptyCounts();
      fields.forEach((field, at) => (counts[field] = Number(sum[at])));
      const names = {
        source: database.sources.nameOf(Number(source)),
        device: database.devices.nameOf(Number(device)),
      };
      return toLedgerRow({ ...names, day: String(day), counts });
    })
    .sort(compareLedgerRows);
}

function isoDay(day: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new RangeError(`expected a day as YYYY-MM-DD, came ${day}`);
  return day;
}
