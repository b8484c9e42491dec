export * from "./errors.ts";
export { openDuckDbStore } from "./duckdb/store.ts";
export type { DuckDbStoreOptions } from "./duckdb/options.ts";
export * from "./port.ts";
