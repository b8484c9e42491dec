import type { ObservationChunk } from "@messnetz/model";
import { ByteSink, pieceBytes } from "./byte-sink.ts";
import type { ExportFormat, ExportOptions } from "./export-format.ts";
import { createJsonRowWriter } from "./json-row.ts";

/** One JSON object a line (RFC 8259, https://github.com/ndjson/ndjson-spec), with the members of an observation of the API. What is absent is absent. */
export const ndjson: ExportFormat = { name: "ndjson", contentType: "application/x-ndjson", extension: "ndjson", write };

const lineFeed = 10;

async function* write(chunks: AsyncIterable<ObservationChunk>, options: ExportOptions): AsyncIterable<Uint8Array> {
  const putRow = createJsonRowWriter(options.catalogue);
  const sink = new ByteSink();
  for await (const chunk of chunks) {
    for (let row = 0; row < chunk.length; row++) {
      putRow(sink, chunk, row);
      sink.byte(lineFeed);
      if (sink.length >= pieceBytes) yield sink.take();
    }
  }
  if (sink.length > 0) yield sink.take();
}
