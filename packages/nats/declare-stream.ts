import { DiscardPolicy, JetStreamApiError, RetentionPolicy, type StreamConfig, StorageType } from "@nats-io/jetstream";
import { untilAnswered } from "./answered.ts";
import { type Contradiction, StreamContradictionError } from "./errors.ts";
import type { NatsLink } from "./link.ts";

export interface StreamDeclaration {
  readonly name: string;
  readonly subjects: readonly string[];
  /** When it is reached, publishing is refused until messages leave. */
  readonly maxBytes: number;
  /** Absent: messages stay until they are purged. */
  readonly maxAgeMs?: number;
  /** Absent: any number. With a number the oldest of the subject make room, although the stream refuses when full. */
  readonly maxMessagesPerSubject?: number;
  /** How long a message id is remembered. */
  readonly duplicateWindowMs: number;
  readonly replicas: number;
  readonly maxMessageBytes?: number;
  /** Whether a message may replace all before it (header `Nats-Rollup`). Default no. */
  readonly allowRollup?: true;
}

const nanosecondsPerMs = 1_000_000;
/** The server's word for "as many as you like". */
const unlimited = -1;
/** `err_code` of "stream name already in use with a different configuration". */
const nameInUse = 10_058;

/**
 * The stream as declared: file storage, limits retention, `discard: new`. Creates it, or lets an existing one grow; doing it again changes
 * nothing. Rejects with StreamContradictionError where an existing one would have to shrink or to change its nature.
 */
export async function declareStream(link: NatsLink, declaration: StreamDeclaration): Promise<void> {
  const wanted = configOf(declaration);
  await untilAnswered(`the stream ${declaration.name} to be declared`, async () => {
    const existing = await existingConfig(link, declaration.name);
    if (existing === undefined) return create(link, wanted);
    return adapt(link, existing, wanted);
  });
}

type WantedConfig = Pick<
  StreamConfig,
  | "name"
  | "subjects"
  | "retention"
  | "storage"
  | "discard"
  | "max_bytes"
  | "max_age"
  | "max_msgs_per_subject"
  | "max_msg_size"
  | "duplicate_window"
  | "num_replicas"
  | "allow_rollup_hdrs"
  | "allow_direct"
>;

function configOf(declaration: StreamDeclaration): WantedConfig {
  return {
    name: declaration.name,
    subjects: [...declaration.subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_bytes: declaration.maxBytes,
    max_age: (declaration.maxAgeMs ?? 0) * nanosecondsPerMs,
    max_msgs_per_subject: declaration.maxMessagesPerSubject ?? unlimited,
    max_msg_size: declaration.maxMessageBytes ?? unlimited,
    duplicate_window: declaration.duplicateWindowMs * nanosecondsPerMs,
    num_replicas: declaration.replicas,
    allow_rollup_hdrs: declaration.allowRollup ?? false,
    allow_direct: true,
  };
}

async function existingConfig(link: NatsLink, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await link.manager.streams.info(name)).config;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.status === 404) return undefined;
    throw error;
  }
}

async function create(link: NatsLink, wanted: WantedConfig): Promise<void> {
  try {
    await link.manager.streams.add(wanted);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== nameInUse) throw error;
    // Another process was faster.
    await adapt(link, (await link.manager.streams.info(wanted.name)).config, wanted);
  }
}

async function adapt(link: NatsLink, existing: StreamConfig, wanted: WantedConfig): Promise<void> {
  const contradictions = contradictionsOf(existing, wanted);
  if (contradictions.length > 0) throw new StreamContradictionError(wanted.name, contradictions);
  if (isAsWanted(existing, wanted)) return;
  const subjects = [...new Set([...existing.subjects, ...wanted.subjects])];
  await link.manager.streams.update(wanted.name, { ...existing, ...wanted, subjects });
}

/** What may only grow: the server's number for unlimited is zero or less. */
const growing = [
  "max_bytes",
  "max_age",
  "max_msgs_per_subject",
  "max_msg_size",
  "duplicate_window",
  "num_replicas",
] as const;
const fixed = ["retention", "storage", "discard"] as const;

function contradictionsOf(existing: StreamConfig, wanted: WantedConfig): Contradiction[] {
  const found: Contradiction[] = [];
  for (const field of fixed) {
    if (existing[field] !== wanted[field]) found.push({ field, expected: wanted[field], came: existing[field] });
  }
  for (const field of growing) {
    if (size(existing[field]) > size(wanted[field])) {
      found.push({ field, expected: sizeText(wanted[field]), came: sizeText(existing[field]) });
    }
  }
  const others = existing.subjects.filter((subject) => !wanted.subjects.includes(subject));
  if (others.length > 0) {
    found.push({ field: "subjects", expected: wanted.subjects.join(", "), came: existing.subjects.join(", ") });
  }
  if (existing.mirror !== undefined) found.push({ field: "mirror", expected: "none", came: existing.mirror.name });
  if (existing.sealed) found.push({ field: "sealed", expected: "false", came: "true" });
  return found;
}

function isAsWanted(existing: StreamConfig, wanted: WantedConfig): boolean {
  return (
    growing.every((field) => size(existing[field]) === size(wanted[field])) &&
    wanted.subjects.every((subject) => existing.subjects.includes(subject)) &&
    existing.allow_direct === wanted.allow_direct &&
    (existing.allow_rollup_hdrs || !wanted.allow_rollup_hdrs)
  );
}

function size(value: number): number {
  return value > 0 ? value : Number.POSITIVE_INFINITY;
}

function sizeText(value: number): string {
  return value > 0 ? String(value) : "unlimited";
}
