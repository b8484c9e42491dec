export * from "./device-id.ts";
export * from "./embedded.ts";
export * from "./error.ts";
export { type ImportMistake } from "./import-entry.ts";
export { importColumns } from "./import-table.ts";
export * from "./import-town.ts";
export { createMemoryRegistry } from "./memory.ts";
export * from "./port.ts";
export { hasScope } from "./selection.ts";
