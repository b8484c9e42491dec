export {
  type AuditFill,
  type JetStreamAuditLog,
  type JetStreamAuditLogOptions,
  openJetStreamAuditLog,
} from "./audit-log.ts";
export {
  type DeliveryLog,
  InstanceTakenError,
  type JetStreamDeliveries,
  type JetStreamDeliveriesOptions,
  openJetStreamDeliveries,
} from "./deliveries.ts";
export { announceRemoval, followRemovals } from "./erasure-wire.ts";
export { type JetStreamLedger, type JetStreamLedgerOptions, type LedgerBook, openJetStreamLedger } from "./ledger.ts";
export type { LedgerPosition } from "./ledger-record.ts";
export { type LedgerSpan, type PartitionLedger, PartitionTakenError } from "./partition-ledger.ts";
export { type JetStreamQuarantine, type JetStreamQuarantineOptions, openJetStreamQuarantine } from "./quarantine.ts";
export type { QuarantineKeeper, QuarantineVerdict } from "./quarantine-keeper.ts";
export { type QuarantineHeaders, readQuarantineHeaders } from "./quarantine-message.ts";
export { createRemoteEraser } from "./remote-eraser.ts";
export { serveErasures } from "./serve-erasures.ts";
