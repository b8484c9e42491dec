import { ByteSink, pieceBytes, utf8 } from "./byte-sink.ts";
import type { ExportFormat, TableOptions } from "./export-format.ts";
import { observationTable } from "./observation-table.ts";
import { headerOf } from "./people-columns.ts";
import type { Table, TableShape } from "./table.ts";
import { openRowSource, type RowSource } from "./xlsx/row-source.ts";
import { createSheetRowWriter, type RowOptions, textRow } from "./xlsx/sheet-row.ts";
import { sourceSheet } from "./xlsx/source-sheet.ts";
import * as parts from "./xlsx/workbook-parts.ts";
import { createZip } from "./xlsx/zip.ts";

/**
 * Office Open XML workbook (ISO/IEC 29500): sheet `Daten` or `Data`, further ones (`Daten 2`) where one is full, and `Quelle` or `Source` with
 * source, licence, span, provenance and the meaning of the columns. Texts are texts, whatever they look like; times are dates with a format, wall
 * clock and UTC; the header, and units where there are any, stay at the top. Written here because the streaming writers at hand take twenty
 * times as long, or keep everything in memory.
 */
export const xlsx: ExportFormat = {
  name: "xlsx",
  contentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  extension: "xlsx",
  compression: "inside",
  write: (chunks, options) => writeTable(observationTable(chunks, options), options),
  writeTable,
};

/** https://support.microsoft.com/office/excel-specifications-and-limits */
const maxSheetRows = 1_048_576;
/** Far enough below 4 GiB, which an entry of a ZIP file cannot exceed; no spreadsheet program opens more anyway. */
const maxSheetBytes = 2 ** 31;

async function* writeTable({ shape, chunks }: Table, options: TableOptions): AsyncIterable<Uint8Array> {
  const { language = "de", timeZone = "Europe/Berlin" } = options;
  const rowOptions = { language, timeZone };
  const createRows = createSheetRowWriter(shape, rowOptions);
  const source = openRowSource(chunks);
  const zip = createZip();
  const names: string[] = [];
  const sheetName = () => `xl/worksheets/sheet${names.length}.xml`;
  try {
    // A store that fails at once is heard before the first byte.
    await source.ready();
    yield* zip.entry("_rels/.rels", once(parts.rootRelations));
    yield* zip.entry("xl/styles.xml", once(parts.stylesPart));
    do {
      const data = language === "de" ? "Daten" : "Data";
      names.push(names.length === 0 ? data : `${data} ${names.length + 1}`);
      yield* zip.entry(sheetName(), dataSheet({ shape, source, createRows, rowOptions }));
    } while (await source.ready());
    names.push(language === "de" ? "Quelle" : "Source");
    yield* zip.entry(sheetName(), once(sourceSheet(shape, { ...options, ...rowOptions })));
    // Which sheets there are is known only now; the order of the parts in the file means nothing.
    yield* zip.entry("xl/workbook.xml", once(parts.workbookPart(names)));
    yield* zip.entry("xl/_rels/workbook.xml.rels", once(parts.workbookRelations(names.length)));
    yield* zip.entry("[Content_Types].xml", once(parts.contentTypesPart(names.length)));
    yield zip.end();
  } finally {
    await source.close();
  }
}

async function* once(text: string): AsyncIterable<Uint8Array> {
  yield utf8(text);
}

interface DataSheet {
  readonly shape: TableShape;
  readonly source: RowSource;
  readonly createRows: ReturnType<typeof createSheetRowWriter>;
  readonly rowOptions: RowOptions;
}

/** As many rows of the source as one sheet holds. */
async function* dataSheet({ shape, source, createRows, rowOptions }: DataSheet): AsyncIterable<Uint8Array> {
  const { titles, units } = headerOf(shape, rowOptions);
  const headings = [textRow(titles, 1, parts.styles.title)];
  if (units.some((unit) => unit !== "")) headings.push(textRow(units, 2, parts.styles.unit));
  const widths = titles.map((title) => Math.min(40, Math.max(12, title.length + 2)));
  const sink = new ByteSink();
  sink.text(parts.sheetBegin({ widths, frozen: headings.length }) + headings.join(""));
  let number = headings.length;
  let bytes = 0;
  while (number < maxSheetRows && bytes < maxSheetBytes && (await source.ready())) {
    const { chunk } = source;
    const putRow = createRows(chunk);
    while (source.row < chunk.length && number < maxSheetRows && bytes < maxSheetBytes) {
      putRow(sink, source.row++, ++number);
      if (sink.length < pieceBytes) continue;
      bytes += sink.length;
      yield sink.take();
    }
  }
  sink.text(parts.sheetEnd);
  yield sink.take();
}
