import type { ObservationChunk } from "@messnetz/model";
import { ByteSink, pieceBytes, utf8 } from "./byte-sink.ts";
import { createDatastreamCache, wordsOf } from "./datastream-words.ts";
import type { ExportFormat, ExportOptions, Position, TableOptions } from "./export-format.ts";
import { fileFacts } from "./file-facts.ts";
import { createJsonRowWriter } from "./json-row.ts";
import { type Table, type TableChunk, type TableShape, textColumn } from "./table.ts";
import { createTableJsonRows } from "./table-json-row.ts";

/**
 * GeoJSON (RFC 7946): a FeatureCollection with a Point for each row, where its thing stands (`positionOf`), and the row's members as properties:
 * of observations those of the API, of other tables the columns' names. Source, licence, span and provenance stand before the features, in the
 * foreign member `metadata`. A table needs a text column `thing`; a RangeError says so.
 */
export const geojson: ExportFormat = {
  name: "geojson",
  contentType: "application/geo+json",
  extension: "geojson",
  compression: "around",
  write,
  writeTable,
};

function write(chunks: AsyncIterable<ObservationChunk>, options: ExportOptions): AsyncIterable<Uint8Array> {
  const { catalogue } = options;
  const putRow = createJsonRowWriter(catalogue);
  const begins = createDatastreamCache((id) => featureBegin(options.positionOf?.(wordsOf(id, catalogue).thing)));
  return collection({
    head: collectionBegin({ name: "observations", columns: [] }, options),
    chunks,
    featuresOf(chunk) {
      const beginOf = begins(chunk.datastreams);
      return (sink, row) => {
        sink.raw(beginOf[chunk.datastream[row]!]!);
        putRow(sink, chunk, row);
      };
    },
  });
}

function writeTable({ shape, chunks }: Table, options: TableOptions): AsyncIterable<Uint8Array> {
  const thing = shape.columns.findIndex(({ name, type }) => name === "thing" && type === "text");
  if (thing < 0) {
    throw new RangeError(
      `GeoJSON: expected a table with a text column "thing", came ${shape.name} without: choose the long shape`,
    );
  }
  const rowsOf = createTableJsonRows(shape);
  return collection({
    head: collectionBegin(shape, options),
    chunks,
    featuresOf(chunk: TableChunk) {
      const putRow = rowsOf(chunk);
      const { keys, texts } = textColumn(chunk, thing);
      const begins: (Uint8Array | undefined)[] = [];
      const make = (name: string | undefined) =>
        featureBegin(name === undefined ? undefined : options.positionOf?.(name));
      return (sink, row) => {
        const key = keys[row]!;
        sink.raw((begins[key] ??= make(texts[key])));
        putRow(sink, row);
      };
    },
  });
}

interface Features<T> {
  readonly head: string;
  readonly chunks: AsyncIterable<T>;
  /** Puts a feature without its last brace. */
  featuresOf(chunk: T): (sink: ByteSink, row: number) => void;
}

const comma = utf8(",\n");
const closingBrace = 125;

async function* collection<T extends { readonly length: number }>({
  head,
  chunks,
  featuresOf,
}: Features<T>): AsyncIterable<Uint8Array> {
  const sink = new ByteSink();
  sink.text(head);
  let isFirst = true;
  for await (const chunk of chunks) {
    const putFeature = featuresOf(chunk);
    for (let row = 0; row < chunk.length; row++) {
      if (!isFirst) sink.raw(comma);
      isFirst = false;
      putFeature(sink, row);
      sink.byte(closingBrace);
      if (sink.length >= pieceBytes) yield sink.take();
    }
  }
  sink.text("\n]}\n");
  yield sink.take();
}

function collectionBegin(shape: TableShape, options: TableOptions): string {
  const { "messnetz.units": units, ...facts } = fileFacts(shape, options);
  const metadata = shape.columns.length === 0 ? facts : { "messnetz.units": units, ...facts };
  const member = Object.keys(metadata).length === 0 ? "" : `"metadata":${JSON.stringify(metadata)},`;
  return `{"type":"FeatureCollection",${member}"features":[\n`;
}

/** RFC 7946, 3.1.1: longitude, latitude, altitude. */
function featureBegin(position: Position | undefined): Uint8Array {
  const geometry =
    position === undefined
      ? null
      : {
          type: "Point",
          coordinates: [
            position.longitude,
            position.latitude,
            ...(position.altitude === undefined ? [] : [position.altitude]),
          ],
        };
  return utf8(`{"type":"Feature","geometry":${JSON.stringify(geometry)},"properties":`);
}
