import {
  type ColumnBuffers,
  dictionaryBuffers,
  layOut,
  numberBuffers,
  padded,
  textBuffers,
} from "./arrow/batch-buffers.ts";
import { dictionaryMessage, endOfStream, recordBatchMessage, schemaMessage } from "./arrow/messages.ts";
import { pieceBytes } from "./byte-sink.ts";
import type { ExportFormat, TableOptions } from "./export-format.ts";
import { columnFacts, fileFacts } from "./file-facts.ts";
import { observationTable } from "./observation-table.ts";
import { checkPresence, type Table, type TableColumn } from "./table.ts";
import { batchesOf, type TableBatch } from "./table-batch.ts";

/**
 * Apache Arrow, IPC stream (https://arrow.apache.org/docs/format/Columnar.html): timestamps in milliseconds with zone UTC, dictionary-encoded
 * texts, the dictionaries of a batch before it where they changed. Metadata of the schema as in Parquet, of each field unit, labels, description.
 * Written here because it is three kinds of messages around arrays that are there already; the library that writes them has 8 MB.
 */
export const arrow: ExportFormat = {
  name: "arrow",
  contentType: "application/vnd.apache.arrow.stream",
  extension: "arrows",
  compression: "around",
  write: (chunks, options) => writeTable(observationTable(chunks, options), options),
  writeTable,
};

async function* writeTable({ shape, chunks }: Table, options: TableOptions): AsyncIterable<Uint8Array> {
  yield schemaMessage(shape, columnFacts, fileFacts(shape, options));
  const sent = shape.columns.map((): readonly string[] | undefined => undefined);
  for await (const batch of batchesOf(shape, chunks)) {
    for (const [at, column] of batch.columns.entries()) {
      if (column.kind !== "text" || areSame(column.dictionary, sent[at])) continue;
      sent[at] = [...column.dictionary];
      const buffers = dictionaryBuffers(column.dictionary);
      const body = layOut(column.dictionary.length, [buffers]);
      yield* withBody(dictionaryMessage(at, body), [buffers]);
    }
    const columns = shape.columns.map((column, at) => buffersOf(batch, at, column));
    yield* withBody(recordBatchMessage(layOut(batch.rows, columns)), columns);
  }
  yield endOfStream;
}

function buffersOf(batch: TableBatch, at: number, described: TableColumn): ColumnBuffers {
  const column = batch.columns[at]!;
  const made =
    column.kind === "text" ? textBuffers(column, batch.rows) : numberBuffers(column, batch.rows, described.type);
  checkPresence(described, made.node.absent);
  return made;
}

function areSame(texts: readonly string[], sent: readonly string[] | undefined): boolean {
  return texts.length === sent?.length && texts.every((text, n) => text === sent[n]);
}

/** A message and its buffers, each filled up to a multiple of 8; a long one is too much for a socket at once. */
function* withBody(message: Uint8Array, columns: readonly ColumnBuffers[]): Generator<Uint8Array> {
  yield message;
  for (const { buffers } of columns) {
    for (const buffer of buffers) {
      for (let at = 0; at < buffer.length; at += pieceBytes) yield buffer.subarray(at, at + pieceBytes);
      if (buffer.length % 8 !== 0) yield new Uint8Array(padded(buffer.length) - buffer.length);
    }
  }
}
