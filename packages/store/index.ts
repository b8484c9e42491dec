export * from "./errors.ts";
export { openDuckDbStore } from "./duckdb/store.ts";
export { createMemoryStore } from "./memory.ts";
export type { DuckDbStoreOptions } from "./duckdb/options.ts";
export { foldWindows } from "./fold.ts";
export * from "./port.ts";
