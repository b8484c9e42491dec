export * from "./errors.ts";
export { openDuckDbStore } from "./open-duckdb-store.ts";
export { createMemoryStore } from "./memory.ts";
export type { DuckDbStoreOptions } from "./duckdb/options.ts";
export { foldWindows } from "./fold.ts";
export * from "./month-archive.ts";
export {
  createEraser,
  erase,
  type ErasurePreview,
  type ErasureReceipt,
  type ErasureRequest,
  type Eraser,
  previewErasure,
} from "./erasure.ts";
export * from "./port.ts";
export { auditConfigSchema } from "./audit-config.ts";
export { createRetention, type RetentionReceipt } from "./keep-retention.ts";
export { parseRetention, type RetentionRule, unknownProperties } from "./retention.ts";
export { retentionConfigSchema } from "./retention-config.ts";
export type { Tally } from "./ledger-tally.ts";
export { fates, type RefusedPart, tallyRefusals, tallyRows } from "./tally-rows.ts";
export * from "./jetstream/index.ts";
export { influxConfigSchema, readInfluxAddress } from "./influx/config.ts";
export type { InfluxEvent, InfluxStore, InfluxStoreOptions, PreparedWrite } from "./influx/options.ts";
export { openInfluxStore } from "./influx/store.ts";
export { quarantineId } from "./quarantine-entry.ts";
export { quarantineConfigSchema, readQuarantineLimits } from "./quarantine-config.ts";
export { createMemoryAuditLog } from "./memory-audit-log.ts";
export { openSqliteAuditLog, type SqliteAuditLogOptions } from "./sqlite-audit-log.ts";
