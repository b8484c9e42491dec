import type { DuckDbStoreOptions } from "./duckdb/options.ts";
import type { EmbeddedStore } from "./port.ts";

/** Opens the embedded store. DuckDB is loaded only now: services of a region do not carry its 70 MB of memory. */
export async function openDuckDbStore(options: DuckDbStoreOptions): Promise<EmbeddedStore> {
  const duckdb = await import("./duckdb/store.ts");
  return duckdb.openDuckDbStore(options);
}
