import type { EpochMs } from "@messnetz/model";
import type { RemovalReceipt } from "../port.ts";
import type { WrittenMonth } from "./close-month.ts";
import type { Database } from "./database.ts";
import type { Holdings } from "./holdings.ts";
import type { HotTable } from "./layout.ts";
import type { Month } from "./month.ts";
import { project } from "./projection.ts";
import {
  filesWith,
  hotRowsSql,
  idCondition,
  instantConditions,
  readFilesSql,
  seriesCondition,
  seriesOf,
} from "./source-sql.ts";
import type { Stream } from "./stream-index.ts";

/** Rows of some datastreams and a span of time that are to go, and how many have gone. */
export interface Removal {
  readonly streams: readonly Stream[];
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Over `datastream` and `time`. */
  readonly condition: string;
  /** Whether a file of the month has such a row, be it masked. */
  isInFiles(holdings: Holdings, month: Month): Promise<boolean>;
  /** Counts what of it can be seen, and deletes all of it. Inside a transaction. */
  deleteHot(holdings: Holdings, tables: readonly HotTable[]): Promise<void>;
  /** After the commit: what is in memory follows. */
  settle(database: Database): Promise<void>;
  /** Counts what a new revision of a month has left out. */
  count(left: WrittenMonth["left"]): void;
  receipt(): Pick<RemovalReceipt, "observations" | "datastreams" | "closed">;
}

export function createRemoval(
  streams: readonly Stream[],
  { from, to }: { readonly from: EpochMs; readonly to: EpochMs },
): Removal {
  const time = [
    ...(Number.isFinite(from) ? [`time >= ${from}`] : []),
    ...(Number.isFinite(to) ? [`time < ${to}`] : []),
  ];
  const condition = [
    idCondition(
      "datastream",
      streams.map(({ id }) => id),
    ),
    ...time,
  ].join(" AND ");
  const touched = new Set<number>();
  let hotRows = 0;
  let closed = 0;

  return {
    streams,
    from,
    to,
    condition,

    async isInFiles({ engine, layout, folder }, month) {
      const part = layout.get(month)?.part;
      if (part === undefined) return false;
      const series = seriesOf(part, streams);
      const files = filesWith(part.files, series).filter(({ hours }) => !hours);
      if (files.length === 0) return false;
      const bounds = instantConditions({
        ...(Number.isFinite(from) ? { from } : {}),
        ...(Number.isFinite(to) ? { to } : {}),
      });
      const conditions = [seriesCondition(series), ...bounds].join(" AND ");
      const found = await engine.read(`SELECT 1 FROM ${readFilesSql(folder, files)} WHERE ${conditions} LIMIT 1`);
      return found.rowCount > 0;
    },

    async deleteHot({ engine, layout }, tables) {
      const ids = new Set(tables.map(({ id }) => id));
      const states = layout.all().map((state) => ({ ...state, hot: state.hot.filter(({ id }) => ids.has(id)) }));
      const rows = hotRowsSql(states, { streams: streams.map(({ id }) => ({ id, words: true })), from, to });
      if (rows === undefined) return;
      const counted = await engine.writer.runAndReadAll(
        `SELECT datastream, count(*)::DOUBLE FROM ${rows} WHERE ${condition} GROUP BY datastream`,
      );
      for (const [stream, count] of counted.getRows()) {
        touched.add(Number(stream));
        hotRows += Number(count);
      }
      for (const { name } of tables) await engine.writer.run(`DELETE FROM ${name} WHERE ${condition}`);
    },

    async settle(database) {
      database.forgetIdentities();
      // The others keep their newest; what else is known of them may be more than there is.
      const affected = streams
        // It may have been opened anew since they were looked for.
        .map(({ id }) => database.streams.at(id))
        .filter(({ newestTime }) => newestTime >= from && newestTime < to);
      if (affected.length > 0) await project(database, affected);
    },

    count(left) {
      hotRows += left.hot;
      closed += left.closed;
      for (const stream of left.streams) touched.add(stream);
    },

    receipt: () => ({ observations: hotRows + closed, datastreams: touched.size, closed }),
  };
}
