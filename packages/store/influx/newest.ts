import { observationAt } from "@messnetz/model";
import { createChunkBuilder, selection } from "./columns.ts";
import type { Connection } from "./connection.ts";
import { type Group, groupCondition, tagsOf } from "./counts.ts";
import { textOf } from "./csv-splitter.ts";
import {
  createStatements,
  execute,
  identifier,
  isIdentifier,
  queryRows,
  type Statements,
  tagsColumn,
} from "./influxql.ts";
import type { Streams } from "./streams.ts";

const maxStatements = 32;

/** The properties that have observations: measurements with a name of ours. */
async function listProperties(connection: Connection): Promise<readonly string[]> {
  const statements = createStatements();
  statements.add("SHOW MEASUREMENTS");
  const rows = await execute(connection, statements, "list its measurements");
  return rows.map(([name]) => name).filter((name): name is string => typeof name === "string" && isIdentifier(name));
}

/** Learns the newest observation of every datastream: from the end of each series, one property after the other. */
export async function learnAll(connection: Connection, streams: Streams): Promise<void> {
  for (const property of await listProperties(connection)) {
    const statements = createStatements();
    statements.add(newestStatement(property, { index: 0, where: "" }));
    await learn(connection, streams, { statements, properties: [property] });
  }
}

/** Learns it anew for some datastreams; those that have none are forgotten. */
export async function learnAnew(connection: Connection, streams: Streams, groups: readonly Group[]): Promise<void> {
  for (let from = 0; from < groups.length; from += maxStatements) {
    const some = groups.slice(from, from + maxStatements);
    const statements: Statements = createStatements();
    some.forEach((group, index) => {
      for (const stream of group.streams) streams.forget(stream);
      statements.add(newestStatement(group.property, { index, where: ` WHERE ${groupCondition(group, statements)}` }));
    });
    await learn(connection, streams, { statements, properties: some.map(({ property }) => property) });
  }
}

function newestStatement(property: string, { index, where }: { index: number; where: string }): string {
  return `SELECT ${selection(index)} FROM ${identifier(property)}${where} GROUP BY "thing","channel","domain" ORDER BY time DESC LIMIT 1`;
}

async function learn(
  connection: Connection,
  streams: Streams,
  asked: { readonly statements: Statements; readonly properties: readonly string[] },
): Promise<void> {
  const builder = createChunkBuilder(1);
  for await (const rows of queryRows(connection, asked.statements, "give the newest observations")) {
    for (const { statement, cells } of rows) {
      const { thing = "", channel } = tagsOf(textOf(cells, tagsColumn));
      const stream = streams.ofSeries(asked.properties[statement]!, thing, channel);
      if (stream === undefined) continue;
      builder.add(stream.id, cells);
      const chunk = builder.take();
      if (chunk !== undefined) streams.observe(stream, observationAt(chunk, 0));
    }
  }
}
