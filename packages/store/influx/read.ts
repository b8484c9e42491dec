import type { ObservationChunk } from "@messnetz/model";
import { compareText } from "../order.ts";
import type { ObservationKey, ObservationQuery } from "../port.ts";
import { createChunkBuilder, selection } from "./columns.ts";
import type { Connection } from "./connection.ts";
import { createStatements, identifier, queryRows, type Statements, timeCondition } from "./influxql.ts";
import type { Stream, Streams } from "./streams.ts";

const rowsPerChunk = 10_000;
/** Datastreams of the first request; each next one asks for twice as many, up to the last. */
const firstRequest = 8;
const maxPerRequest = 256;

/** The condition that is true for the series of one datastream, in whatever domain it was written. */
export function streamCondition({ thing, channel }: Stream, statements: Statements): string {
  return `"thing" = ${statements.bind(thing)} AND "channel" = ${channel === undefined ? "''" : statements.bind(channel)}`;
}

/** What a query names, in the order of reading, without what lies before its key. */
export function namedStreams(streams: Streams, query: ObservationQuery): readonly Stream[] {
  const named = streams.select(query);
  const { after } = query;
  return after === undefined ? named : named.filter(({ id }) => compareText(id, after.datastream) >= 0);
}

/** The key, where it lies in this datastream. */
export function keyWithin({ id }: Stream, { after }: ObservationQuery): ObservationKey | undefined {
  return after?.datastream === id ? after : undefined;
}

/** Ascending by (datastream, time, ordinal): one statement a datastream, many in a request, as many rows in memory as make a chunk. */
export async function* readObservations(
  connection: Connection,
  streams: Streams,
  query: ObservationQuery,
): AsyncGenerator<ObservationChunk, void, void> {
  const named = namedStreams(streams, query);
  const builder = createChunkBuilder(Math.min(rowsPerChunk, Math.max(1, query.limit ?? rowsPerChunk)));
  let left = query.limit ?? Number.POSITIVE_INFINITY;
  let size = firstRequest;
  for (let from = 0; from < named.length && left > 0; from += size, size = Math.min(2 * size, maxPerRequest)) {
    for await (const chunk of readSome(named.slice(from, from + size))) {
      left -= chunk.length;
      yield chunk;
      if (left <= 0) return;
    }
  }

  async function* readSome(some: readonly Stream[]): AsyncGenerator<ObservationChunk, void, void> {
    const statements = statementsOf(some);
    if (statements.count === 0) return;
    for await (const rows of queryRows(connection, statements, "give observations")) {
      for (const { statement, cells } of rows) {
        builder.add(some[statement]!.id, cells);
        if (builder.length < Math.min(rowsPerChunk, left)) continue;
        yield builder.take()!;
        if (left <= 0) return;
      }
    }
    const last = builder.take();
    if (last !== undefined) yield last;
  }

  function statementsOf(some: readonly Stream[]): Statements {
    const statements = createStatements();
    const limit = Number.isFinite(left) ? ` LIMIT ${left}` : "";
    some.forEach((stream, index) => {
      const time = timeCondition(query.interval, keyWithin(stream, query));
      if (time === undefined) return;
      const where = `${streamCondition(stream, statements)} AND ${time}`;
      statements.add(`SELECT ${selection(index)} FROM ${identifier(stream.property)} WHERE ${where}${limit}`);
    });
    return statements;
  }
}
