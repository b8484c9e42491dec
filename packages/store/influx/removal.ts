import type { RemovalQuery, RemovalReceipt } from "../port.ts";
import type { Connection } from "./connection.ts";
import { countByStream, groupStreams, groupCondition } from "./counts.ts";
import { createStatements, execute, identifier, timeCondition } from "./influxql.ts";
import { learnMore } from "./newest.ts";
import type { Streams } from "./streams.ts";

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
  const touched = [...counts.keys()];
  for (const stream of touched) streams.forget(stream);
  await learnMore(connection, streams, touched);
  const observations = counts.values().reduce((sum, count) => sum + count, 0);
  return { observations, datastreams: counts.size, removedAt: Date.now() };
}
