import type { DuckDBDataChunk } from "@duckdb/node-api";
import type { ObservationChunk } from "@messnetz/model";
import { copyRows, createRowBuffer, type RowBuffer } from "./observation-columns.ts";
import type { PlainValues } from "./plain-columns.ts";
import type { Stream } from "./stream-index.ts";

/** Rows of one chunk: eight of DuckDB's vectors. */
export const rowsPerChunk = 16_384;

/** One of ours, and the buffer that holds it. */
export interface FilledChunk {
  readonly chunk: ObservationChunk;
  readonly buffer: RowBuffer;
}

export interface ChunkFiller {
  /** Copies the rows of a chunk of DuckDB's: the columns of `observationSelection`, perhaps with words. */
  add(chunk: DuckDBDataChunk): void;
  /** What is full, and at the end what is begun. */
  take(): readonly FilledChunk[];
  end(): readonly FilledChunk[];
}

export interface FillerOptions {
  /** Of columns that are not selected. */
  readonly plain?: PlainValues;
  /** Gives room for a chunk. */
  readonly bufferOf?: () => RowBuffer;
}

/** Gathers rows of the streams into chunks of ours. */
export function createChunkFiller(
  streams: readonly Pick<Stream, "id" | "name">[],
  { plain, bufferOf = () => createRowBuffer(rowsPerChunk) }: FillerOptions = {},
): ChunkFiller {
  const datastreams = streams.map(({ name }) => name);
  const places = new Uint32Array(1 + streams.reduce((last, { id }) => Math.max(last, id), 0));
  streams.forEach(({ id }, place) => (places[id] = place));
  let buffer: RowBuffer | undefined;
  let rows = 0;
  let full: FilledChunk[] = [];
  let lastPlace = 0;
  let lastTime = Number.NEGATIVE_INFINITY;

  function finish(): void {
    if (buffer === undefined || rows === 0) return;
    const { datastream, phenomenonTime } = buffer;
    for (let row = 0; row < rows; row++) {
      const place = places[datastream[row]!]!;
      const time = phenomenonTime[row]!;
      if (place < lastPlace || (place === lastPlace && time < lastTime)) throw disorder(datastreams[place]);
      datastream[row] = place;
      lastPlace = place;
      lastTime = time;
    }
    const { word, ...cells } = buffer;
    const columns = rows === buffer.length ? cells : trim(buffer, rows);
    const words = word.length > 0 ? { word: Object.assign([...word], { length: rows }) } : {};
    full.push({ chunk: { ...columns, length: rows, datastreams, ...words }, buffer });
    buffer = undefined;
    rows = 0;
  }

  function take(): readonly FilledChunk[] {
    const taken = full;
    full = [];
    return taken;
  }

  return {
    add(chunk) {
      if (buffer !== undefined && rows + chunk.rowCount > buffer.length) finish();
      buffer ??= roomy(bufferOf(), chunk.rowCount);
      copyRows(chunk, { buffer, at: rows, ...(plain && { plain }) });
      rows += chunk.rowCount;
    },
    take,
    end() {
      finish();
      return take();
    },
  };
}

/** DuckDB keeps the order of a file, but for some operators. Readers rely on it. */
function disorder(datastream: string | undefined): Error {
  return new Error(`expected rows by datastream and time, came one of ${datastream} that belongs before others`);
}

function roomy(buffer: RowBuffer, rows: number): RowBuffer {
  return buffer.length >= rows ? buffer : createRowBuffer(rows);
}

function trim(buffer: RowBuffer, rows: number): Omit<RowBuffer, "word"> {
  return {
    length: rows,
    datastream: buffer.datastream.subarray(0, rows),
    phenomenonTime: buffer.phenomenonTime.subarray(0, rows),
    intervalStart: buffer.intervalStart.subarray(0, rows),
    ordinal: buffer.ordinal.subarray(0, rows),
    resultTime: buffer.resultTime.subarray(0, rows),
    value: buffer.value.subarray(0, rows),
    quality: buffer.quality.subarray(0, rows),
    checks: buffer.checks.subarray(0, rows),
    revision: buffer.revision.subarray(0, rows),
    deviceTime: buffer.deviceTime.subarray(0, rows),
  };
}
