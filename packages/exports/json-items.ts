import type { Catalogue, ObservationChunk } from "@messnetz/model";
import { ByteSink } from "./byte-sink.ts";
import { createJsonRowWriter } from "./json-row.ts";

const comma = 44;

/** All rows as the items of a JSON array, without its brackets. */
export type JsonItemsWriter = (chunks: readonly ObservationChunk[]) => Uint8Array;

/** Items are the same objects as the lines of NDJSON. A writer remembers what it made of datastreams: keep it for the next list. */
export function createJsonItemsWriter(catalogue: Catalogue): JsonItemsWriter {
  const putRow = createJsonRowWriter(catalogue);
  return (chunks) => {
    const sink = new ByteSink();
    for (const chunk of chunks) {
      for (let row = 0; row < chunk.length; row++) {
        if (sink.length > 0) sink.byte(comma);
        putRow(sink, chunk, row);
      }
    }
    return sink.take();
  };
}
