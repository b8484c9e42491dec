import { ByteSink, pieceBytes } from "./byte-sink.ts";
import { csvLayout } from "./csv-layout.ts";
import { createCsvRowWriter } from "./csv-row.ts";
import type { ExportFormat, TableOptions } from "./export-format.ts";
import { observationTable } from "./observation-table.ts";
import type { Table } from "./table.ts";

/**
 * `rfc4180`: RFC 4180 with `,` and CRLF, `.` in decimals, times in UTC as ISO 8601 with milliseconds, a header of the columns' names.
 * `office`: the same with `;`, decimal comma, a byte order mark, wall clock times of a zone beside those in UTC, a header in words, and a
 * row of units under it where a column has one.
 * In the texts of both a `'` stands before what a spreadsheet would take for a formula, whichever separator it splits at.
 */
export const csv: ExportFormat = {
  name: "csv",
  contentType: "text/csv; charset=utf-8; header=present",
  extension: "csv",
  compression: "around",
  write: (chunks, options) => writeTable(observationTable(chunks, options), options),
  writeTable,
};

async function* writeTable({ shape, chunks }: Table, options: TableOptions): AsyncIterable<Uint8Array> {
  const layout = csvLayout(shape, options);
  const rowsOf = createCsvRowWriter(shape, layout);
  const sink = new ByteSink();
  sink.text(layout.head);
  for await (const chunk of chunks) {
    const putRow = rowsOf(chunk);
    for (let row = 0; row < chunk.length; row++) {
      putRow(sink, row);
      if (sink.length >= pieceBytes) yield sink.take();
    }
  }
  if (sink.length > 0) yield sink.take();
}
