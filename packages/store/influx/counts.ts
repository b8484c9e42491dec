import type { ObservationQuery } from "../port.ts";
import type { Connection } from "./connection.ts";
import { numberOf, textOf } from "./csv-splitter.ts";
import {
  createStatements,
  firstColumn,
  identifier,
  queryRows,
  type Statements,
  tagsColumn,
  timeCondition,
} from "./influxql.ts";
import { keyWithin, namedStreams, streamCondition } from "./read.ts";
import type { Stream, Streams } from "./streams.ts";

/** Datastreams of one property that one statement names. */
const maxPerStatement = 64;
const maxStatements = 32;

/** Some datastreams of one property: what one statement can name. */
export interface Group {
  readonly property: string;
  readonly streams: readonly Stream[];
}

export function groupByProperty(streams: readonly Stream[]): readonly Group[] {
  const groups: Group[] = [];
  for (const [property, all] of Map.groupBy(streams, (stream) => stream.property)) {
    for (let from = 0; from < all.length; from += maxPerStatement) {
      groups.push({ property, streams: all.slice(from, from + maxPerStatement) });
    }
  }
  return groups;
}

/** True for the series of the group, and no other. */
export function groupCondition({ streams }: Group, statements: Statements): string {
  return `(${streams.map((stream) => `(${streamCondition(stream, statements)})`).join(" OR ")})`;
}

/** Channel, domain and thing out of the column of tags that a statement groups by. Ours need no escape. */
export function tagsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(",").flatMap((pair) => {
      const equals = pair.indexOf("=");
      return equals > 0 && equals < pair.length - 1 ? [[pair.slice(0, equals), pair.slice(equals + 1)] as const] : [];
    }),
  );
}

/** How many observations each datastream of the groups has; those without any are left out. */
export async function countByStream(
  connection: Connection,
  streams: Streams,
  asked: { readonly groups: readonly Group[]; readonly query: ObservationQuery },
): Promise<ReadonlyMap<Stream, number>> {
  const counts = new Map<Stream, number>();
  for (let from = 0; from < asked.groups.length; from += maxStatements) {
    const statements = createStatements();
    const some = asked.groups.slice(from, from + maxStatements);
    some.forEach((group, index) => {
      const time = timeCondition(asked.query.interval, keyWithin(group.streams[0]!, asked.query));
      if (time === undefined) return;
      const where = `${groupCondition(group, statements)} AND ${time} GROUP BY "thing","channel"`;
      statements.add(`SELECT count(revision) AS s${index} FROM ${identifier(group.property)} WHERE ${where}`);
    });
    if (statements.count === 0) continue;
    for await (const rows of queryRows(connection, statements, "count observations")) {
      for (const { statement, cells } of rows) {
        const { thing = "", channel } = tagsOf(textOf(cells, tagsColumn));
        const stream = streams.ofSeries(some[statement]!.property, thing, channel);
        if (stream !== undefined) counts.set(stream, (counts.get(stream) ?? 0) + numberOf(cells, firstColumn));
      }
    }
  }
  return counts;
}

/** How many observations the query would read. */
export async function countObservations(
  connection: Connection,
  streams: Streams,
  query: ObservationQuery,
): Promise<number> {
  const named = namedStreams(streams, query);
  // The key cuts one datastream only, which needs a statement of its own.
  const [cut, whole] = [
    named.filter((stream) => keyWithin(stream, query)),
    named.filter((stream) => !keyWithin(stream, query)),
  ];
  const groups = [...groupByProperty(cut), ...groupByProperty(whole)];
  const counts = await countByStream(connection, streams, { groups, query });
  const all = counts.values().reduce((sum, count) => sum + count, 0);
  return Math.min(all, query.limit ?? all);
}
