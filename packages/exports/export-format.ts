import type { Catalogue, ObservationChunk } from "@messnetz/model";

export interface ExportOptions {
  /** Gives each observed property its unit and its name in words. */
  readonly catalogue: Catalogue;
  /** Only CSV looks at it. `rfc4180` (default) is for programs, `office` for a spreadsheet in a German or other decimal-comma setting. */
  readonly dialect?: CsvDialect;
  /** IANA zone of the local times of the office dialect; default `Europe/Berlin`. */
  readonly timeZone?: string;
  /** Words of the office header; default `de`. */
  readonly language?: ExportLanguage;
  /** The one observed property of all rows, where there is but one: the office header then names it with its unit. */
  readonly property?: string;
  /** Goes into the key-value metadata of a Parquet file: who asked whom for what, when. */
  readonly provenance?: Readonly<Record<string, string>>;
}

export const csvDialects = ["rfc4180", "office"] as const;
export type CsvDialect = (typeof csvDialects)[number];

export const exportLanguages = ["de", "en"] as const;
export type ExportLanguage = (typeof exportLanguages)[number];

/** A file format that observations leave in. */
export interface ExportFormat {
  readonly name: string;
  readonly contentType: string;
  /** Without the dot. */
  readonly extension: string;
  /**
   * The file, piece by piece, in constant memory. Nothing is fetched from `chunks` before the reader asks for more, and a reader
   * that stops early closes `chunks`. A piece belongs to the reader. Throws a RangeError for a zone that does not exist.
   */
  write(chunks: AsyncIterable<ObservationChunk>, options: ExportOptions): AsyncIterable<Uint8Array>;
}

/** Of CSV and Parquet, in this order. */
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
