import { observationAt } from "@messnetz/model";
import type { Engine } from "./engine.ts";
import type { Layout } from "./layout.ts";
import { copyRows, createRowBuffer, observationSelection } from "./observation-columns.ts";
import { allRows, hotRowsSql, idCondition } from "./source-sql.ts";
import type { Stream, StreamIndex } from "./stream-index.ts";

/** The newest rows of each datastream (several where it has ordinals, or corrections) with what is to be known of all of its rows. */
function newestSql(layout: Layout, only: readonly Stream[] | undefined): string {
  const condition =
    only === undefined
      ? "true"
      : idCondition(
          "datastream",
          only.map(({ id }) => id),
        );
  const hot = hotRowsSql(layout.all(), { ...allRows, streams: only?.map(({ id }) => ({ id, words: true })) });
  const closed = `SELECT datastream, time, ordinal, received, value, word, quality, checks, revision, span, device_time,
    rows::DOUBLE AS rows, traits & 1 = 1 AS words FROM part_stream WHERE ${condition}`;
  const open = hot === undefined ? [] : [`SELECT *, 1::DOUBLE, word IS NOT NULL FROM ${hot}`];
  return `
    WITH known AS NOT MATERIALIZED (${[closed, ...open].join(" UNION ALL ")})
    SELECT ${observationSelection()}, word, newest.rows, newest.words
    FROM known JOIN (
      SELECT datastream AS stream, max(time) AS at_time, sum(rows) AS rows, bool_or(words) AS words
      FROM known GROUP BY datastream
    ) AS newest ON datastream = newest.stream AND time = newest.at_time
    ORDER BY ordinal, revision`;
}
const rowsColumn = 11;
const wordsColumn = 12;

interface Projected {
  readonly engine: Engine;
  readonly layout: Layout;
  readonly streams: StreamIndex;
}

/** Reads from the tables what the index must know of every datastream, or of those given. */
export async function project({ engine, layout, streams }: Projected, only?: readonly Stream[]): Promise<void> {
  const result = await engine.read(newestSql(layout, only));
  for (const stream of only ?? streams.all()) forget(stream);
  for (const chunk of await result.fetchAllChunks()) {
    const buffer = createRowBuffer(chunk.rowCount);
    copyRows(chunk, { buffer, at: 0 });
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
