import type { Catalogue, Interval, ObservationChunk } from "@messnetz/model";
import type { Table } from "./table.ts";

/** How a table is written. The same rows and options give the same bytes, whichever way the rows are cut into chunks. */
export interface TableOptions {
  /** Only CSV looks at it. `rfc4180` (default) is for programs, `office` for a spreadsheet in a German or other decimal-comma setting. */
  readonly dialect?: CsvDialect;
  /** IANA zone of the wall clock times of the office dialect and XLSX; default `Europe/Berlin`. */
  readonly timeZone?: string;
  /** Words of the header of the office dialect and XLSX; default `de`. */
  readonly language?: ExportLanguage;
  /** Whose data it is, as licences want it named: `Stadtwerke Musterstadt`. */
  readonly source?: string;
  /** SPDX identifier or address of the licence: `DL-DE-BY-2.0`. */
  readonly licence?: string;
  /** What was asked for: half-open, by phenomenon time. */
  readonly span?: Partial<Interval>;
  /**
   * What else is to be known of where the rows come from, in any words: `{ "messnetz.query": … }`. With source, licence and span it goes into
   * the second sheet of XLSX, the metadata of Parquet and Arrow and the first lines of GeoJSON; CSV and NDJSON have no place for it.
   * A time of creation in it makes the bytes of a repeated export differ.
   */
  readonly provenance?: Readonly<Record<string, string>>;
  /** Only GeoJSON looks at it: where a thing stands. Features of things without a position have the geometry `null`. */
  readonly positionOf?: (thing: string) => Position | undefined;
}

/** WGS 84 (EPSG:4326), degrees; metres above the ellipsoid. */
export interface Position {
  readonly longitude: number;
  readonly latitude: number;
  readonly altitude?: number;
}

export interface ExportOptions extends TableOptions {
  /** Gives each observed property its unit and its name in words. */
  readonly catalogue: Catalogue;
  /** The one observed property of all rows, where there is but one: office header and units then name it. */
  readonly property?: string;
}

export const csvDialects = ["rfc4180", "office"] as const;
export type CsvDialect = (typeof csvDialects)[number];

export const exportLanguages = ["de", "en"] as const;
export type ExportLanguage = (typeof exportLanguages)[number];

/** A file format that observations and tables of any shape leave in. */
export interface ExportFormat {
  readonly name: string;
  readonly contentType: string;
  /** Without the dot. */
  readonly extension: string;
  /** `inside`: a compression around the file gains nothing, or keeps tools from reading it. */
  readonly compression: "around" | "inside";
  /**
   * Observations in long shape, one row each: `writeTable` of `observationTable`, but that NDJSON and GeoJSON have the members of an
   * observation of the API. Else as `writeTable`.
   */
  write(chunks: AsyncIterable<ObservationChunk>, options: ExportOptions): AsyncIterable<Uint8Array>;
  /**
   * The file, piece by piece, in constant memory. Nothing is fetched from the table before the reader asks for more, and a reader
   * that stops early closes it. A piece belongs to the reader. Throws a RangeError for a zone that does not exist, a TypeError for
   * a chunk that does not have the table's shape.
   */
  writeTable(table: Table, options: TableOptions): AsyncIterable<Uint8Array>;
}

/** Of raw observations in long shape, in every format but NDJSON and GeoJSON, in this order. */
export const exportColumns = [
  "datastream",
  "thing",
  "property",
  "channel",
  "phenomenon_time",
  "interval_start",
  "result",
  "state",
  "unit",
  "quality",
  "checks",
  "result_time",
] as const;
