import { observationAt } from "@messnetz/model";
import type { Engine } from "./engine.ts";
import { copyRows, createRowBuffer, observationSelection } from "./observation-columns.ts";
import type { Stream, StreamIndex } from "./stream-index.ts";

/** The newest rows of each datastream (one per ordinal) with what is to be known of all of its rows. */
function newestSql(where: string): string {
  return `
    SELECT ${observationSelection}, word, newest.rows, newest.words
    FROM observation JOIN (
      SELECT datastream AS stream, max(time) AS at_time, count(*)::DOUBLE AS rows, bool_or(word IS NOT NULL) AS words
      FROM observation ${where} GROUP BY datastream
    ) AS newest ON datastream = newest.stream AND time = newest.at_time
    ORDER BY ordinal`;
}
const rowsColumn = 11;
const wordsColumn = 12;

/** Reads from the tables what the index must know of every datastream, or of those given. */
export async function project(engine: Engine, streams: StreamIndex, only?: readonly Stream[]): Promise<void> {
  const where = only === undefined ? "" : `WHERE datastream IN (${only.map(({ id }) => id).join(",")})`;
  for (const stream of only ?? streams.all()) forget(stream);
  const result = await engine.read(newestSql(where));
  for (const chunk of await result.fetchAllChunks()) {
    const buffer = createRowBuffer(chunk.rowCount);
    copyRows(chunk, buffer, 0);
    const rows = chunk.getColumnValues(rowsColumn);
    const words = chunk.getColumnValues(wordsColumn);
    const datastreams = Array.from(buffer.datastream, (id) => streams.at(id).name);
    const datastream = buffer.datastream.map((_, row) => row);
    for (let row = 0; row < chunk.rowCount; row++) {
      const stream = streams.at(buffer.datastream[row]!);
      const latest = observationAt({ ...buffer, datastreams, datastream }, row);
      stream.latest = latest;
      stream.newestTime = stream.knownAfterTime = latest.phenomenonTime;
      stream.newestOrdinal = stream.knownAfterOrdinal = latest.ordinal;
      stream.newestRevision = latest.revision;
      stream.count = Number(rows[row]);
      stream.words = words[row] === true;
    }
  }
}

function forget(stream: Stream): void {
  stream.newestTime = stream.knownAfterTime = Number.NEGATIVE_INFINITY;
  stream.newestOrdinal = stream.knownAfterOrdinal = stream.newestRevision = 0;
  stream.latest = undefined;
  stream.next = undefined;
  stream.count = 0;
  stream.words = false;
}
