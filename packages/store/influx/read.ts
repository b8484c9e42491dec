import type { ObservationChunk } from "@messnetz/model";
import { compareText } from "../order.ts";
import type { ObservationKey, ObservationQuery } from "../port.ts";
import { createChunkBuilder, selection } from "./columns.ts";
import type { Connection } from "./connection.ts";
import { textOf } from "./csv-splitter.ts";
import { createStatements, identifier, queryRows, type Statements, tagsColumn, timeCondition } from "./influxql.ts";
import type { Stream, Streams } from "./streams.ts";

const rowsPerChunk = 10_000;
/** Datastreams of the first request; each next one asks for twice as many, up to the last. */
const firstRequest = 8;
const maxPerRequest = 256;

/** True for the series with this channel, or without one. */
export function channelCondition(channel: string | undefined, statements: Statements): string {
  return `"channel" = ${channel === undefined ? "''" : statements.bind(channel)}`;
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

/** Neighbours in the order of reading that one statement gives, in that order: the channels of one property of one thing. */
type Run = readonly Stream[];

function runsOf(named: readonly Stream[], query: ObservationQuery): readonly Run[] {
  const runs: Stream[][] = [];
  for (const stream of named) {
    const last = runs.at(-1)?.at(-1);
    const isNext =
      last?.thing === stream.thing && last.property === stream.property && keyWithin(last, query) === undefined;
    if (isNext) runs.at(-1)!.push(stream);
    else runs.push([stream]);
  }
  return runs;
}

/** Ascending by (datastream, time, ordinal): a statement a run, many in a request, as many rows in memory as make a chunk. */
export async function* readObservations(
  connection: Connection,
  streams: Streams,
  query: ObservationQuery,
): AsyncGenerator<ObservationChunk, void, void> {
  const runs = runsOf(namedStreams(streams, query), query);
  const builder = createChunkBuilder(Math.min(rowsPerChunk, Math.max(1, query.limit ?? rowsPerChunk)));
  let left = query.limit ?? Number.POSITIVE_INFINITY;
  let size = firstRequest;
  for (let from = 0; from < runs.length && left > 0; from += size, size = Math.min(2 * size, maxPerRequest)) {
    for await (const chunk of readSome(runs.slice(from, from + size))) {
      left -= chunk.length;
      yield chunk;
      if (left <= 0) return;
    }
  }

  async function* readSome(some: readonly Run[]): AsyncGenerator<ObservationChunk, void, void> {
    const statements = statementsOf(some);
    if (statements.count === 0) return;
    let stream: Stream | undefined;
    let lastStatement = -1;
    let lastTags = "";
    for await (const rows of queryRows(connection, statements, "give observations")) {
      for (const { statement, cells } of rows) {
        const tags = cells.starts[tagsColumn] === cells.ends[tagsColumn] ? "" : textOf(cells, tagsColumn);
        if (statement !== lastStatement || tags !== lastTags) {
          lastStatement = statement;
          lastTags = tags;
          stream = streamWith(some[statement]!, tags);
        }
        if (stream === undefined) continue;
        builder.add(stream.id, cells);
        if (builder.length < Math.min(rowsPerChunk, left)) continue;
        yield builder.take()!;
        if (left <= 0) return;
      }
    }
    const last = builder.take();
    if (last !== undefined) yield last;
  }

  function statementsOf(some: readonly Run[]): Statements {
    const statements = createStatements();
    const limit = Number.isFinite(left) ? ` LIMIT ${left}` : "";
    some.forEach((run, index) => {
      const { thing, property, channel } = run[0]!;
      const time = timeCondition(query.interval, keyWithin(run[0]!, query));
      if (time === undefined) return;
      const isOne = run.length === 1 && (channel !== undefined || streams.hasChannels(run[0]!));
      const ofChannel = isOne ? ` AND ${channelCondition(channel, statements)}` : "";
      const where = `"thing" = ${statements.bind(thing)}${ofChannel} AND ${time} GROUP BY "channel"${limit}`;
      statements.add(`SELECT ${selection(index)} FROM ${identifier(property)} WHERE ${where}`);
    });
    return statements;
  }
}

/** Which of the run the tags of a row name; undefined for a channel that was not asked for. */
function streamWith(run: Run, tags: string): Stream | undefined {
  const channel = tags === "" ? undefined : tags.slice("channel=".length);
  return run.find((stream) => stream.channel === channel);
}
