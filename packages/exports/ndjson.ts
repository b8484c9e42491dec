import type { ObservationChunk } from "@messnetz/model";
import { ByteSink, pieceBytes } from "./byte-sink.ts";
import type { ExportFormat, ExportOptions } from "./export-format.ts";
import { createJsonRowWriter } from "./json-row.ts";
import { createTableJsonRows } from "./table-json-row.ts";

/** One JSON object a line (RFC 8259, https://github.com/ndjson/ndjson-spec). What is absent is absent. */
export const ndjson: ExportFormat = {
  name: "ndjson",
  contentType: "application/x-ndjson",
  extension: "ndjson",
  compression: "around",
  write,
  writeTable: ({ shape, chunks }) => lines(chunks, createTableJsonRows(shape)),
};

const lineFeed = 10;

function write(chunks: AsyncIterable<ObservationChunk>, options: ExportOptions): AsyncIterable<Uint8Array> {
  const putRow = createJsonRowWriter(options.catalogue);
  return lines(chunks, (chunk) => (sink, row) => putRow(sink, chunk, row));
}

async function* lines<T extends { readonly length: number }>(
  chunks: AsyncIterable<T>,
  rowsOf: (chunk: T) => (sink: ByteSink, row: number) => void,
): AsyncIterable<Uint8Array> {
  const sink = new ByteSink();
  for await (const chunk of chunks) {
    const putRow = rowsOf(chunk);
    for (let row = 0; row < chunk.length; row++) {
      putRow(sink, row);
      sink.byte(lineFeed);
      if (sink.length >= pieceBytes) yield sink.take();
    }
  }
  if (sink.length > 0) yield sink.take();
}
