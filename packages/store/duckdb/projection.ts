import { type EpochMs, observationAt } from "@messnetz/model";
import type { Dictionary } from "./dictionary.ts";
import type { Engine } from "./engine.ts";
import { copyRows, createRowBuffer, observationSelection } from "./observation-columns.ts";
import type { Stream, StreamIndex } from "./stream-index.ts";

/** Streams whose newest row is read at once. */
const streamsPerPage = 10_000;

/** Reads from the tables what the index must know of every datastream, or of those given. */
export async function project(engine: Engine, streams: StreamIndex, only?: readonly Stream[]): Promise<void> {
  const where = only === undefined ? "" : `WHERE datastream IN (${only.map(({ id }) => id).join(",")})`;
  for (const stream of only ?? streams.all()) forget(stream);
  const sums = await engine.read(
    `SELECT datastream, max(time)::DOUBLE, count(*)::DOUBLE, bool_or(word IS NOT NULL) FROM observation ${where} GROUP BY datastream`,
  );
  const found: [stream: Stream, newest: EpochMs][] = [];
  for (const [id, newest, count, words] of await sums.getRows()) {
    const stream = streams.at(Number(id));
    stream.count = Number(count);
    stream.words = words === true;
    found.push([stream, Number(newest)]);
  }
  for (let from = 0; from < found.length; from += streamsPerPage) {
    await readNewest(engine, streams, found.slice(from, from + streamsPerPage));
  }
}

function forget(stream: Stream): void {
  stream.newestTime = Number.NEGATIVE_INFINITY;
  stream.newestOrdinal = 0;
  stream.newestRevision = 0;
  stream.knownAfterTime = Number.NEGATIVE_INFINITY;
  stream.knownAfterOrdinal = 0;
  stream.latest = undefined;
  stream.next = undefined;
  stream.count = 0;
  stream.words = false;
}

async function readNewest(engine: Engine, streams: StreamIndex, newest: readonly [Stream, EpochMs][]): Promise<void> {
  const pairs = newest.map(([{ id }, time]) => `(${id}, ${time})`).join(",");
  const result = await engine.read(
    `SELECT ${observationSelection}, word FROM observation
     WHERE (datastream, time) IN (SELECT * FROM (VALUES ${pairs}) AS newest(d, t)) ORDER BY ordinal`,
  );
  for (const chunk of await result.fetchAllChunks()) {
    const buffer = createRowBuffer(chunk.rowCount);
    copyRows(chunk, buffer, 0);
    for (let row = 0; row < chunk.rowCount; row++) {
      const stream = streams.at(buffer.datastream[row]!);
      const name = stream.name;
      const datastream = new Uint32Array(chunk.rowCount);
      settle(stream, observationAt({ ...buffer, datastreams: [name], datastream }, row));
    }
  }
}

function settle(stream: Stream, latest: NonNullable<Stream["latest"]>): void {
  stream.latest = latest;
  stream.newestTime = stream.knownAfterTime = latest.phenomenonTime;
  stream.newestOrdinal = stream.knownAfterOrdinal = latest.ordinal;
  stream.newestRevision = latest.revision;
}

export function indexStreams(streams: StreamIndex, names: Dictionary): void {
  names.names.forEach((name, id) => streams.add(id, name));
}
