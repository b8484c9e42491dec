import { setTimeout as delay } from "node:timers/promises";
import {
  type DurableMessage,
  type NatsLink,
  publishDurably,
  PublishRefusedError,
  SequenceConflictError,
  StreamFullError,
  UnacknowledgedError,
} from "@messnetz/nats";
import type { DocumentChange } from "../documents.ts";
import { RegistryError } from "../error.ts";
import { changeHeaders, changeLog } from "./change-log.ts";
import { changeTexts } from "./change-text.ts";

/** A message of the log is small beside what a connection may have on its way. */
const maxPartBytes = 262_144;
/** Room for subject and headers below the server's limit. */
const headroomBytes = 4_096;
const tryTimeoutMs = 2_000;
const pauseMs = 50;

export interface ChangeWriting {
  /** Names the change in the log. */
  readonly id: string;
  readonly changes: readonly DocumentChange[];
  /** Sequence of the last message of the log: the change is written if nothing came after it. */
  readonly after: number;
  /** `performance.now()` at which it gives up. */
  readonly deadline: number;
}

/** Where a change stands in the log, and how much room it takes. */
export interface WrittenChange {
  readonly sequence: number;
  readonly bytes: number;
}

/**
 * Appends the change to the log; undefined where somebody else was first, and nothing of it is true. Rejects with a `RegistryError`
 * (`unwritable`) when that could not be done in time: then it may still come true later.
 */
export async function writeChange(link: NatsLink, writing: ChangeWriting): Promise<WrittenChange | undefined> {
  const { id, changes, after, deadline } = writing;
  const texts = changeTexts(onceEach(changes), Math.min(maxPartBytes, link.maxPayloadBytes - headroomBytes));
  for (const [index, payload] of texts.entries()) {
    const message = {
      subject: changeLog.subject,
      payload,
      headers: changeHeaders(id, { index, count: texts.length }),
      messageId: `${id}.${index}`,
      expect: { lastSequence: after + index },
      timeoutMs: tryTimeoutMs,
    };
    if (!(await publish(link, message, deadline))) return undefined;
  }
  return { sequence: after + texts.length, bytes: texts.reduce((sum, text) => sum + text.length, 0) };
}

/** Of several changes of one document the last one stands. */
function onceEach(changes: readonly DocumentChange[]): readonly DocumentChange[] {
  return [...new Map(changes.map((each) => [`${each.kind} ${each.id}`, each])).values()];
}

/** False where the expected sequence is not the last one any more. */
async function publish(link: NatsLink, message: DurableMessage, deadline: number): Promise<boolean> {
  for (;;) {
    try {
      await publishDurably(link, message);
      return true;
    } catch (cause) {
      if (cause instanceof SequenceConflictError) return false;
      if (cause instanceof StreamFullError || cause instanceof PublishRefusedError) throw unwritable(cause);
      if (!(cause instanceof UnacknowledgedError)) throw cause;
      if (performance.now() >= deadline) throw unwritable(cause);
    }
    await delay(pauseMs);
  }
}

/** A `RegistryError`, whatever it was. */
export function unwritable(cause: unknown): RegistryError {
  if (cause instanceof RegistryError) return cause;
  const came = cause instanceof Error ? cause.message : String(cause);
  return new RegistryError("unwritable", `the registry at NATS: expected to write to it, came: ${came}`, { cause });
}
