export * from "./device-id.ts";
export * from "./embedded.ts";
export * from "./error.ts";
export * from "./memory.ts";
export * from "./port.ts";
export { hasScope } from "./selection.ts";
