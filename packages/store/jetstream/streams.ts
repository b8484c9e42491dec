import { declareStream, type NatsLink } from "@messnetz/nats";

export const quarantineStream = "QUARANTINE";
export const quarantineSubjects = "quarantine.v1";
export const deltaStream = "LEDGER_DELTAS";
export const deltaSubjects = "ledger.v1.deltas";
export const dayStream = "LEDGER_DAYS";
export const daySubjects = "ledger.v1.days";
export const doorStream = "DOOR";
export const doorSubjects = "door.v1";
export const auditStream = "AUDIT";
export const auditSubject = "audit.v1.entries";

/** Longer than any back-off with which a publish is repeated. */
const duplicateWindowMs = 120_000;

// JetStream reserves them from the disk, so they are not larger than need be.
/** The ledger folds its deltas long before; this is what a fold that fails for a while may need. */
const deltaBytes = 512 * 1024 ** 2;
/** About 60 bytes for each device and day: a year of 100,000 devices. */
const dayBytes = 2 * 1024 ** 3;
/** Of all instances together; one holds at most some 40 MB between two snapshots. */
const doorBytes = 512 * 1024 ** 2;

interface Kept {
  readonly link: NatsLink;
  readonly replicas: number;
}

export function declareQuarantine({
  link,
  replicas,
  maxBytes,
  maxAgeMs,
}: Kept & { readonly maxBytes: number; readonly maxAgeMs: number }): Promise<void> {
  const subjects = [`${quarantineSubjects}.>`];
  return declareStream(link, { name: quarantineStream, subjects, maxBytes, maxAgeMs, duplicateWindowMs, replicas });
}

export async function declareLedger({ link, replicas }: Kept): Promise<void> {
  const common = { duplicateWindowMs, replicas };
  await declareStream(link, { name: deltaStream, subjects: [`${deltaSubjects}.>`], maxBytes: deltaBytes, ...common });
  await declareStream(link, { name: dayStream, subjects: [`${daySubjects}.>`], maxBytes: dayBytes, ...common });
}

export function declareDoor({ link, replicas }: Kept): Promise<void> {
  const subjects = [`${doorSubjects}.>`];
  return declareStream(link, { name: doorStream, subjects, maxBytes: doorBytes, duplicateWindowMs, replicas });
}

export function declareAudit({ link, replicas, maxBytes }: Kept & { readonly maxBytes: number }): Promise<void> {
  const subjects = [auditSubject];
  return declareStream(link, { name: auditStream, subjects, maxBytes, duplicateWindowMs, replicas });
}
