import { type Interval, observationAt } from "@messnetz/model";
import { createChunkBuilder, selection } from "./columns.ts";
import type { Connection } from "./connection.ts";
import { type Group, groupCondition, groupStreams, tagsOf } from "./counts.ts";
import { textOf } from "./csv-splitter.ts";
import {
  createStatements,
  execute,
  identifier,
  isIdentifier,
  queryRows,
  timeCondition,
  tagsColumn,
} from "./influxql.ts";
import type { Stream, Streams } from "./streams.ts";

const maxStatements = 16;

/** The properties that have observations: measurements with a name of ours. */
async function listProperties(connection: Connection): Promise<readonly string[]> {
  const statements = createStatements();
  statements.add("SHOW MEASUREMENTS");
  const rows = await execute(connection, statements, "list its measurements");
  return rows.map(([name]) => name).filter((name): name is string => typeof name === "string" && isIdentifier(name));
}

/** Ages in which the newest observations are sought, one after the other: most are young, and each age opens its own shards only. */
const agesMs = [1, 8, 36, 366].map((days) => days * 86_400_000);

/**
 * Learns the newest observation of every datastream, one property after the other: from the ends of the series, never from all of their
 * points.
 */
export async function learnAll(connection: Connection, streams: Streams): Promise<void> {
  for (const property of await listProperties(connection)) {
    let missing = await listStreams(connection, streams, property);
    let to: number | undefined;
    for (const from of [...agesMs.map((age) => Date.now() - age), undefined]) {
      const span = { from: from ?? Number.NEGATIVE_INFINITY, to: to ?? Number.POSITIVE_INFINITY };
      // All of the measurement is asked for at once as long as nothing is known.
      const groups = to === undefined ? [undefined] : groupStreams(missing);
      await learnIn(connection, streams, { property, groups, span });
      missing = missing.filter(({ latest }) => latest === undefined);
      if (missing.length === 0) break;
      to = from;
    }
  }
}

/** The datastreams of the property by the series in the index, which may have no points any more. */
async function listStreams(connection: Connection, streams: Streams, property: string): Promise<readonly Stream[]> {
  const statements = createStatements();
  statements.add(`SHOW SERIES FROM ${identifier(property)}`);
  const rows = await execute(connection, statements, "list its series");
  const listed = new Set<Stream>();
  for (const [key] of rows) {
    const { thing = "", channel } = tagsOf(String(key).slice(property.length + 1));
    const stream = streams.ofSeries(property, thing, channel);
    if (stream !== undefined) listed.add(stream);
  }
  return [...listed];
}

/** Learns what may be newer than what is known of some datastreams. */
export async function learnMore(connection: Connection, streams: Streams, some: readonly Stream[]): Promise<void> {
  for (const [property, groups] of Map.groupBy(groupStreams(some), (group) => group.property)) {
    await learnIn(connection, streams, { property, groups, span: undefined });
  }
}

interface Lesson {
  readonly property: string;
  /** Undefined for all series of the property. */
  readonly groups: readonly (Group | undefined)[];
  readonly span: Interval | undefined;
}

async function learnIn(connection: Connection, streams: Streams, { property, groups, span }: Lesson): Promise<void> {
  const builder = createChunkBuilder(1);
  for (let from = 0; from < groups.length; from += maxStatements) {
    const statements = createStatements();
    groups.slice(from, from + maxStatements).forEach((group, index) => {
      const ofGroup = group === undefined ? "" : ` AND ${groupCondition(group, statements)}`;
      const where = `${timeCondition(span)}${ofGroup} GROUP BY "thing","channel","domain" ORDER BY time DESC LIMIT 1`;
      statements.add(`SELECT ${selection(index)} FROM ${identifier(property)} WHERE ${where}`);
    });
    for await (const rows of queryRows(connection, statements, "give the newest observations")) {
      for (const { cells } of rows) {
        const { thing = "", channel, domain = "" } = tagsOf(textOf(cells, tagsColumn));
        const stream = streams.ofSeries(property, thing, channel);
        if (stream === undefined) continue;
        builder.add(stream.id, cells);
        const chunk = builder.take();
        if (chunk === undefined) continue;
        const newest = observationAt(chunk, 0);
        streams.observe(stream, newest);
        if (stream.latest === newest) stream.learnedDomain = domain;
      }
    }
  }
}
