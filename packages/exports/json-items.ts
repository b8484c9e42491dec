import type { Catalogue, ObservationChunk } from "@messnetz/model";
import { ByteSink } from "./byte-sink.ts";
import { createJsonRowWriter } from "./json-row.ts";

/** An item has 250 to 350 bytes: a buffer of the right size from the start is not copied while it grows. */
const usualItemBytes = 350;
const smallestBytes = 1 << 10;

/** All rows as the items of a JSON array, between the texts that open and close it: one buffer, as a second copy of megabytes would cost. */
export type JsonItemsWriter = (
  chunks: readonly ObservationChunk[],
  around: {
    readonly before: string;
    readonly after: string;
    /** Default: a comma. A line feed tells the items apart, as none holds one. */
    readonly between?: string;
  },
) => Uint8Array;

/** Items are the same objects as the lines of NDJSON. A writer remembers what it made of datastreams: keep it for the next list. */
export function createJsonItemsWriter(catalogue: Catalogue): JsonItemsWriter {
  const putRow = createJsonRowWriter(catalogue);
  return (chunks, { before, after, between = "," }) => {
    const rows = chunks.reduce((sum, { length }) => sum + length, 0);
    const sink = new ByteSink(rows * usualItemBytes + before.length + after.length + smallestBytes);
    sink.text(before);
    let isFirst = true;
    for (const chunk of chunks) {
      for (let row = 0; row < chunk.length; row++) {
        if (isFirst) isFirst = false;
        else sink.ascii(between);
        putRow(sink, chunk, row);
      }
    }
    sink.text(after);
    return sink.whole();
  };
}
