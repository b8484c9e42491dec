import type { EpochMs } from "@messnetz/model";
import type { Connection } from "./connection.ts";
import { tagsOf } from "./counts.ts";
import { millisecondsOf, numberOf, ordinalOf, textOf } from "./csv-splitter.ts";
import { createStatements, firstColumn, identifier, queryRows, tagsColumn, timeColumn } from "./influxql.ts";
import { usual } from "./line-protocol.ts";
import { nanosecondsText } from "./nanoseconds.ts";
import type { Stream, Streams } from "./streams.ts";

/** What is stored under an identity. */
export interface StoredIdentity {
  readonly revision: number;
  /** The series that has it: a correction goes there, also when the thing has moved to another domain. */
  readonly domain: string;
}

/** A datastream's identities by time and ordinal. */
export type IdentityMap<T> = Map<number | string, T>;

export function identityKey(time: EpochMs, ordinal: number): number | string {
  return ordinal === 0 ? time : `${time}/${ordinal}`;
}

export interface WantedIdentity {
  readonly stream: Stream;
  readonly time: EpochMs;
  readonly ordinal: number;
}

/** Spans of time within which everything of the wanted things is read: what is late comes in clusters. */
const bucketMs = 600_000;
const maxThings = 64;
const maxStatements = 64;

/** Things of one property in one span of time. */
interface Window {
  readonly property: string;
  readonly from: EpochMs;
  to: EpochMs;
  readonly things: ReadonlySet<string>;
}

/** What is stored of the wanted identities, in few requests. */
export async function lookUpIdentities(
  connection: Connection,
  streams: Streams,
  wanted: readonly WantedIdentity[],
): Promise<ReadonlyMap<Stream, IdentityMap<StoredIdentity>>> {
  const found = new Map<Stream, IdentityMap<StoredIdentity>>();
  const keys = new Map<Stream, Set<number | string>>();
  for (const { stream, time, ordinal } of wanted) {
    let ofStream = keys.get(stream);
    if (ofStream === undefined) keys.set(stream, (ofStream = new Set()));
    ofStream.add(identityKey(time, ordinal));
  }
  const windows = windowsOf(wanted);
  for (let from = 0; from < windows.length; from += maxStatements) {
    const some = windows.slice(from, from + maxStatements);
    const statements = createStatements();
    some.forEach(({ property, from: first, to, things }, index) => {
      const ofThings = [...things].map((thing) => `"thing" = ${statements.bind(thing)}`).join(" OR ");
      const time = `time >= ${nanosecondsText(first, 0)} AND time < ${nanosecondsText(to, 0)}`;
      const where = `(${ofThings}) AND ${time} GROUP BY "thing","channel","domain"`;
      statements.add(`SELECT revision,received AS s${index} FROM ${identifier(property)} WHERE ${where}`);
    });
    for await (const rows of queryRows(connection, statements, "look up identities")) {
      let lastTags = "";
      let lastStatement = -1;
      let stream: Stream | undefined;
      let domain = "";
      for (const { statement, cells } of rows) {
        const tags = textOf(cells, tagsColumn);
        if (tags !== lastTags || statement !== lastStatement) {
          const { thing = "", channel, domain: written = "" } = tagsOf(tags);
          stream = streams.ofSeries(some[statement]!.property, thing, channel);
          domain = written;
          lastTags = tags;
          lastStatement = statement;
        }
        const key = identityKey(millisecondsOf(cells, timeColumn), ordinalOf(cells, timeColumn));
        if (stream === undefined || keys.get(stream)?.has(key) !== true) continue;
        const revision = numberOf(cells, firstColumn);
        const stored = { revision: Number.isNaN(revision) ? usual.revision : revision, domain };
        remember(found, stream, { key, stored });
      }
    }
  }
  return found;
}

function remember(
  found: Map<Stream, IdentityMap<StoredIdentity>>,
  stream: Stream,
  { key, stored }: { readonly key: number | string; readonly stored: StoredIdentity },
): void {
  let ofStream = found.get(stream);
  if (ofStream === undefined) found.set(stream, (ofStream = new Map()));
  const other = ofStream.get(key);
  if (other === undefined || other.revision < stored.revision) ofStream.set(key, stored);
}

/** Neighbouring buckets of a property with the same things become one span. */
function windowsOf(wanted: readonly WantedIdentity[]): readonly Window[] {
  const windows: Window[] = [];
  for (const [property, all] of Map.groupBy(wanted, ({ stream }) => stream.property)) {
    const buckets = Map.groupBy(all, ({ time }) => Math.floor(time / bucketMs));
    const spans: Window[] = [];
    for (const [bucket, list] of [...buckets].sort(([a], [b]) => a - b)) {
      const things = new Set(list.map(({ stream }) => stream.thing));
      const last = spans.at(-1);
      const from = bucket * bucketMs;
      if (last?.to === from && last.things.size === things.size && last.things.isSupersetOf(things))
        last.to += bucketMs;
      else spans.push({ property, from, to: from + bucketMs, things });
    }
    for (const { things, ...span } of spans) {
      const list = [...things];
      for (let at = 0; at < list.length; at += maxThings) {
        windows.push({ ...span, things: new Set(list.slice(at, at + maxThings)) });
      }
    }
  }
  return windows;
}
