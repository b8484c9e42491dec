export * from "./errors.ts";
export { openDuckDbStore } from "./duckdb/store.ts";
export { createMemoryStore } from "./memory.ts";
export type { DuckDbStoreOptions } from "./duckdb/options.ts";
export { foldWindows } from "./fold.ts";
export * from "./port.ts";
export type { Tally } from "./ledger-tally.ts";
export { fates, type ReceivedRow, type RefusedPart, rowFlags, tallyRefusals, tallyRows } from "./tally-rows.ts";
export * from "./jetstream/index.ts";
