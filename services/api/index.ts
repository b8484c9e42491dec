export { type ApiConfig, apiConfigSchema, type ApiLimits, limitsOf, originOf } from "./config.ts";
export { type Api, type ApiOptions, createApi } from "./create-api.ts";
export type { TlsFiles } from "./create-server.ts";
export { atStart } from "./recorder.ts";
export type { ReadableStore } from "./store-guard.ts";
export { readTlsFiles } from "./tls-files.ts";
