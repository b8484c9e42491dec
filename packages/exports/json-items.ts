import type { Catalogue, ObservationChunk } from "@messnetz/model";
import { ByteSink } from "./byte-sink.ts";
import { createJsonRowWriter } from "./json-row.ts";

const comma = 44;

/** All rows as the items of a JSON array, without its brackets: the same objects as the lines of NDJSON. */
export function writeJsonItems(chunks: readonly ObservationChunk[], catalogue: Catalogue): Uint8Array {
  const putRow = createJsonRowWriter(catalogue);
  const sink = new ByteSink();
  for (const chunk of chunks) {
    for (let row = 0; row < chunk.length; row++) {
      if (sink.length > 0) sink.byte(comma);
      putRow(sink, chunk, row);
    }
  }
  return sink.take();
}
