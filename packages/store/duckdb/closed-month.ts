import { join, resolve } from "node:path";
import type { ClosedMonth } from "../month-archive.ts";
import type { Database } from "./database.ts";
import type { MonthState } from "./layout.ts";
import { monthName } from "./month.ts";

/** What people are told of a month; nothing of one that was never closed. */
export function toClosedMonth({ folder, names }: Database, state: MonthState | undefined): ClosedMonth[] {
  if (state?.part === undefined) return [];
  const { month, revision, rows, closedAt, files, streams } = state.part;
  const hasLate = state.hot.some(({ generation }) => state.touched.get(generation)?.isEmpty !== true);
  const nameAt = new Map(
    names.names.flatMap((name, stream): [number, string][] => {
      const place = streams.get(stream)?.series;
      return place === undefined ? [] : [[place, name]];
    }),
  );
  return [
    {
      month: monthName(month),
      revision,
      rows,
      datastreams: streams.count,
      closedAt,
      hasLate,
      files: files
        .filter(({ hours }) => !hours)
        .map(({ name, firstSeries, lastSeries, rows: rowsOfFile, bytes, sha256 }) => ({
          path: resolve(join(folder, name)),
          firstDatastream: nameAt.get(firstSeries) ?? "",
          lastDatastream: nameAt.get(lastSeries) ?? "",
          rows: rowsOfFile,
          bytes,
          sha256,
        })),
    },
  ];
}
