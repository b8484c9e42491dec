import { csv } from "./csv.ts";
import type { ExportFormat } from "./export-format.ts";
import { ndjson } from "./ndjson.ts";
import { parquet } from "./parquet.ts";

export * from "./export-format.ts";
export { createJsonItemsWriter, type JsonItemsWriter } from "./json-items.ts";
export { unitSymbol } from "./unit-symbol.ts";
export { csv, ndjson, parquet };

/** Every file format that observations leave in. */
export const exportFormats: readonly ExportFormat[] = [csv, ndjson, parquet];
