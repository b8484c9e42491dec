import type { RemovalQuery, RemovalReceipt } from "../port.ts";
import type { Connection } from "./connection.ts";
import { countByStream, groupStreams, groupCondition } from "./counts.ts";
import { createStatements, execute, identifier, timeCondition } from "./influxql.ts";
import { learnMore } from "./newest.ts";
import { createStreams, type Stream, type Streams } from "./streams.ts";

/** Deletes what the query names and counts it: series by series, so that nobody else's points go with it. Safe to repeat. */
export async function removeObservations(
  connection: Connection,
  streams: Streams,
  query: RemovalQuery,
): Promise<RemovalReceipt> {
  const named = groupStreams(streams.select(query));
  const counts = await countByStream(connection, streams, { groups: named, query });
  const groups = groupStreams([...counts.keys()]);
  const time = timeCondition(query.interval);
  for (const group of time === undefined ? [] : groups) {
    const statements = createStatements();
    const where = `${groupCondition(group, statements)} AND ${time}`;
    statements.add(`DELETE FROM ${identifier(group.property)} WHERE ${where}`);
    await execute(connection, statements, "delete observations");
  }
  await forget(connection, streams, [...counts.keys()]);
  const observations = counts.values().reduce((sum, count) => sum + count, 0);
  return { observations, datastreams: counts.size, removedAt: Date.now() };
}

/**
 * Asks for the newest of what was removed by another process, where what is known lies in the span; until the answer is there the old one
 * stands.
 */
export async function relearn(connection: Connection, streams: Streams, removed: RemovalQuery): Promise<void> {
  const { from, to } = removed.interval ?? { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  const known = new Map(
    streams
      .select(removed)
      .filter(({ latest }) => latest !== undefined && latest.phenomenonTime >= from && latest.phenomenonTime < to)
      .map((stream) => [stream, stream.latest] as const),
  );
  if (known.size === 0) return;
  const learned = createStreams();
  await learnMore(
    connection,
    learned,
    [...known.keys()].flatMap(({ id }) => learned.ensure(id) ?? []),
  );
  for (const [stream, latest] of known) {
    if (stream.latest !== latest) continue;
    streams.forget(stream);
    const newest = learned.get(stream.id)?.latest;
    if (newest !== undefined) streams.observe(stream, newest);
  }
}

async function forget(connection: Connection, streams: Streams, some: readonly Stream[]): Promise<void> {
  for (const stream of some) {
    // What is written while the answer is on its way must be looked up: "nothing is known" is not "nothing is there".
    stream.isUnsure = true;
    streams.forget(stream);
  }
  await learnMore(connection, streams, some);
}
