import { bitsToChecks, checks, type ObservationChunk, qualities } from "@messnetz/model";
import { ByteSink, pieceBytes, utf8 } from "./byte-sink.ts";
import { textCell } from "./csv-cell.ts";
import { type CsvLayout, officeLayout, rfc4180Layout } from "./csv-layout.ts";
import { createDatastreamCache } from "./datastream-words.ts";
import { putDecimal } from "./decimal-text.ts";
import type { ExportFormat, ExportOptions } from "./export-format.ts";

/**
 * `rfc4180`: RFC 4180 with `,` and CRLF, `.` in decimals, times in UTC as ISO 8601 with milliseconds, columns as `exportColumns`.
 * `office`: the same with `;`, decimal comma, a byte order mark, wall clock times of a zone beside those in UTC, and a header in words.
 * In the texts of both a `'` stands before what a spreadsheet would take for a formula, whichever separator it splits at.
 */
export const csv: ExportFormat = {
  name: "csv",
  contentType: "text/csv; charset=utf-8; header=present",
  extension: "csv",
  write,
};

const comma = 44;
const carriageReturn = 13;
const lineFeed = 10;

async function* write(chunks: AsyncIterable<ObservationChunk>, options: ExportOptions): AsyncIterable<Uint8Array> {
  const layout = options.dialect === "office" ? officeLayout(options) : rfc4180Layout(options);
  const putRows = createRowWriter(layout);
  const sink = new ByteSink();
  sink.text(layout.head);
  for await (const chunk of chunks) {
    for (let row = 0; row < chunk.length;) {
      row = putRows(sink, chunk, row);
      if (sink.length >= pieceBytes) yield sink.take();
    }
  }
  if (sink.length > 0) yield sink.take();
}

/** Puts rows from `first` on until the chunk ends or a piece is full; returns the next row. */
function createRowWriter(layout: CsvLayout): (sink: ByteSink, chunk: ObservationChunk, first: number) => number {
  const separator = layout.separator.charCodeAt(0);
  const leads = createDatastreamCache((id) => utf8(layout.lead(id)));
  const units = createDatastreamCache((id) => utf8(`${layout.separator}${layout.unit(id)}${layout.separator}`));
  const verdicts = createVerdicts(layout.separator);
  const decimalMark = layout.decimalMark === "," ? comma : 46;
  return (sink, chunk, first) => {
    const leadOf = leads(chunk.datastreams);
    const unitOf = units(chunk.datastreams);
    let row = first;
    for (; row < chunk.length && sink.length < pieceBytes; row++) {
      const datastream = chunk.datastream[row]!;
      sink.raw(leadOf[datastream]!);
      layout.putTime(sink, chunk.phenomenonTime[row]!);
      sink.byte(separator);
      layout.putTime(sink, chunk.intervalStart[row]!);
      sink.byte(separator);
      const word = chunk.word?.[row];
      if (word === undefined) {
        putDecimal(sink, chunk.value[row]!, decimalMark);
        sink.byte(separator);
      } else {
        sink.byte(separator);
        sink.text(textCell(word, layout.separator));
      }
      sink.raw(unitOf[datastream]!);
      sink.raw(verdicts[(chunk.quality[row]! << checks.length) | chunk.checks[row]!]!);
      layout.putReceipt(sink, chunk.resultTime[row]!);
      sink.byte(carriageReturn);
      sink.byte(lineFeed);
    }
    return row;
  };
}

/** The cells quality and checks, for every quality and set of checks. */
function createVerdicts(separator: string): readonly Uint8Array[] {
  return qualities.flatMap((quality) =>
    Array.from({ length: 1 << checks.length }, (_, bits) =>
      utf8(`${quality}${separator}${bitsToChecks(bits).join(" ")}${separator}`),
    ),
  );
}
