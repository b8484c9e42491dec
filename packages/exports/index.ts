import { arrow } from "./arrow.ts";
import { csv } from "./csv.ts";
import type { ExportFormat } from "./export-format.ts";
import { geojson } from "./geojson.ts";
import { ndjson } from "./ndjson.ts";
import { parquet } from "./parquet.ts";

export { type Compression, compressions } from "./compression.ts";
export { createDigest, type Digest, type DigestValue } from "./digest.ts";
export * from "./export-format.ts";
export { exportName, type ExportNameParts } from "./export-name.ts";
export { createJsonItemsWriter, type JsonItemsWriter } from "./json-items.ts";
export { observationTable } from "./observation-table.ts";
export type * from "./table.ts";
export { type Cell, tableOfRows } from "./table-of-rows.ts";
export { maxWideColumns, type WideColumn, type WideOptions, wideTable } from "./wide-table.ts";
export { unitSymbol } from "./unit-symbol.ts";
import { xlsx } from "./xlsx.ts";
export { arrow, csv, geojson, ndjson, parquet, xlsx };

/** Every file format that observations leave in. */
export const exportFormats: readonly ExportFormat[] = [csv, xlsx, ndjson, parquet, arrow, geojson];
