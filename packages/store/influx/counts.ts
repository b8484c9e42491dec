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
import { channelCondition, keyWithin, namedStreams } from "./read.ts";
import type { Stream, Streams } from "./streams.ts";

/** Datastreams that one statement names. */
const maxPerStatement = 256;
const maxStatements = 16;

/**
 * Some datastreams of one property and one channel: what one statement can name. InfluxDB seeks the series without a channel among all of
 * the measurement, so that is asked once for many things.
 */
export interface Group {
  readonly property: string;
  readonly channel: string | undefined;
  readonly streams: readonly Stream[];
}

export function groupStreams(streams: readonly Stream[]): readonly Group[] {
  const groups: Group[] = [];
  for (const all of Map.groupBy(streams, ({ property, channel = "" }) => `${property}.${channel}`).values()) {
    const { property, channel } = all[0]!;
    for (let from = 0; from < all.length; from += maxPerStatement) {
      groups.push({ property, channel, streams: all.slice(from, from + maxPerStatement) });
    }
  }
  return groups;
}

/** True for the series of the group, and no other. */
export function groupCondition({ streams, channel }: Group, statements: Statements): string {
  const things = streams.map(({ thing }) => `"thing" = ${statements.bind(thing)}`).join(" OR ");
  return `(${things}) AND ${channelCondition(channel, statements)}`;
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
      statements.add(`SELECT count(received) AS s${index} FROM ${identifier(group.property)} WHERE ${where}`);
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
  const groups = [...groupStreams(cut), ...groupStreams(whole)];
  const counts = await countByStream(connection, streams, { groups, query });
  const all = counts.values().reduce((sum, count) => sum + count, 0);
  return Math.min(all, query.limit ?? all);
}
