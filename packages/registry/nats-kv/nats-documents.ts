import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { declareStream, type NatsLink, StreamContradictionError, StreamFullError } from "@messnetz/nats";
import type { DocumentChange, DocumentStorage, News } from "../documents.ts";
import { RegistryError } from "../error.ts";
import { changeLog } from "./change-log.ts";
import { unwritable, writeChange } from "./change-writer.ts";
import { load, type Loaded, logRange } from "./load.ts";
import { followLog, type LogFollower } from "./log-follower.ts";
import type { NatsRegistryEvent } from "./nats-registry-event.ts";
import { createSequenceWatch } from "./sequence-watch.ts";
import { settle } from "./settle.ts";
import { bucket, openSettledDocuments, type SettledDocuments } from "./settled-documents.ts";
import { connectionLost } from "./stream-reader.ts";

export interface NatsDocumentsOptions {
  readonly replicas: number;
  /** How long a write may take before it rejects. */
  readonly writeTimeoutMs: number;
  readonly onEvent: (event: NatsRegistryEvent) => void;
}

export interface NatsDocuments extends DocumentStorage {
  /** Whether it held any document when it was opened. */
  readonly isNew: boolean;
}

/** When so much has been appended to the log, whoever writes next settles it. */
const settleMessages = 256;
const settleBytes = 4 * 1_024 * 1_024;
const logMaxBytes = 64 * 1_024 * 1_024;
/** 200,000 devices with their things, twice over. */
const bucketMaxBytes = 512 * 1_024 * 1_024;
/** Longer than a write is repeated. */
const duplicateWindowMs = 120_000;
const checkTimeoutMs = 2_000;
/** Between two looks at whether the connection is back. */
const pauseMs = 50;

/** Opens or makes the registry's streams. Rejects with a `RegistryError` (`corrupt`, `newer_schema`, `unwritable`). */
export async function openNatsDocuments(link: NatsLink, options: NatsDocumentsOptions): Promise<NatsDocuments> {
  const { replicas, writeTimeoutMs, onEvent } = options;
  const { settled, first } = await open(link, replicas);
  let { assembler } = first;
  const position = createSequenceWatch(first.position);
  /** Of changes that we write now: whether the log has them. */
  const own = new Map<string, boolean>();
  const closed = new AbortController();
  let unsettled = { messages: first.logMessages, bytes: 0 };
  let settling: Promise<void> | undefined;
  let lastTurn: Promise<unknown> = Promise.resolve();
  let lastFailure: unknown;
  let follower: LogFollower | undefined;

  function assertOpen(): void {
    if (closed.signal.aborted)
      throw new RegistryError("closed", "the registry at NATS: expected it to be open, but it was closed");
  }

  /** One after the other. */
  async function inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = lastTurn.then(action);
    lastTurn = turn.catch(() => undefined);
    return turn;
  }

  function follow(take: (news: News) => void): void {
    follower = followLog(link, {
      position: () => position.current,
      take(message) {
        const change = assembler.take(message);
        unsettled.messages++;
        unsettled.bytes += message.data.length;
        if (change !== undefined && own.has(change.id)) own.set(change.id, true);
        else if (change !== undefined) take({ kind: "change", changes: change.changes });
        position.advance(message.seq);
      },
      // Not beside a write of ours: what was read before it is older than what it leaves.
      reload: async () =>
        inTurn(async () => {
          const everything = await load(link, settled);
          take({ kind: "everything", documents: everything.documents });
          assembler = everything.assembler;
          position.reset(everything.position);
          onEvent({ kind: "reloaded", documents: everything.documents.length });
        }),
      onFollowing: () => (lastFailure = undefined),
      onFailure(cause) {
        lastFailure = cause;
        onEvent({ kind: "follow_failed", cause });
      },
    });
  }

  /** Resolves when we have seen all that is in the log now: true where that was more than we knew. */
  async function catchUp(deadline: number): Promise<boolean> {
    const before = position.current;
    while (!link.isConnected() && performance.now() < deadline) await delay(pauseMs);
    try {
      const { last } = await logRange(link);
      if (last < before) throw new Error(`its log ends with ${last}, and we have seen ${before}: it is read again`);
      // Who cannot follow need not be waited for.
      if (last > before && lastFailure instanceof RegistryError) throw lastFailure;
      await position.reached(last, deadline - performance.now());
    } catch (cause) {
      follower?.again();
      throw unwritable(lastFailure instanceof RegistryError ? lastFailure : cause);
    }
    return position.current !== before;
  }

  /** False where somebody else was first. */
  async function commit(
    changes: readonly DocumentChange[],
    { after, deadline }: { readonly after: number; readonly deadline: number },
  ): Promise<boolean> {
    const id = randomUUID();
    own.set(id, false);
    try {
      // A log that fills faster than it is settled would in the end take nothing.
      if (unsettled.bytes >= settleBytes) await settledBy(deadline);
      const written = await writeChange(link, { id, changes, after, deadline });
      if (written === undefined) return own.get(id) === true;
      unsettled.bytes += written.bytes;
      unsettled.messages += written.sequence - after;
      position.advance(written.sequence);
      if (unsettled.messages >= settleMessages || unsettled.bytes >= settleBytes) settleLog();
      return true;
    } catch (error) {
      if (own.get(id) === true) return true; // the log has it, though nobody told us
      const isFull = error instanceof RegistryError && error.cause instanceof StreamFullError;
      if (!isFull || performance.now() >= deadline) throw error;
      settleLog();
      await settledBy(deadline);
      return false;
    } finally {
      own.delete(id);
    }
  }

  async function settledBy(deadline: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.max(0, deadline - performance.now()));
    await Promise.race([settling, late]).finally(() => clearTimeout(timer));
  }

  /** In the background. */
  function settleLog(): void {
    if (settling !== undefined) return;
    const before = unsettled;
    unsettled = { messages: 0, bytes: 0 };
    const start = performance.now();
    settling = settle({ link, settled, signal: closed.signal })
      .then((documents) => onEvent({ kind: "settled", documents, durationMs: performance.now() - start }))
      .catch((cause: unknown) => {
        unsettled.messages += before.messages;
        unsettled.bytes += before.bytes;
        if (!closed.signal.aborted) onEvent({ kind: "settle_failed", cause });
      })
      .finally(() => (settling = undefined));
  }

  return {
    isNew: first.documents.length === 0,
    load: async () => first.documents,
    follow,
    async write(decide) {
      const deadline = performance.now() + writeTimeoutMs;
      // What it is refused for, or why nothing is to do, may be out of date.
      for (let isCurrent = false; ; isCurrent = true) {
        assertOpen();
        const outcome = await inTurn(async () => {
          const after = position.current;
          const decided = attempt(() => decide(undefined));
          if ("refusal" in decided || decided.changes.length === 0) return decided;
          return (await commit(decided.changes, { after, deadline })) ? "written" : "too late";
        });
        if (outcome === "written") return;
        if (outcome === "too late" && performance.now() >= deadline) {
          throw unwritable(new Error("others were always faster; try again"));
        }
        if (outcome !== "too late" && (isCurrent || !(await catchUp(deadline)))) {
          if ("refusal" in outcome) throw outcome.refusal;
          return;
        }
        if (outcome === "too late") await catchUp(deadline);
      }
    },
    async check() {
      assertOpen();
      if (lastFailure !== undefined) throw unwritable(lastFailure);
      if (!link.isConnected()) throw unwritable(new Error(connectionLost));
      await catchUp(performance.now() + checkTimeoutMs);
    },
    async close() {
      closed.abort();
      follower?.stop();
      await settling;
    },
  };
}

type Decided = { readonly changes: readonly DocumentChange[] } | { readonly refusal: unknown };

function attempt(decide: () => readonly DocumentChange[]): Decided {
  try {
    return { changes: decide() };
  } catch (refusal) {
    return { refusal };
  }
}

async function open(link: NatsLink, replicas: number): Promise<{ settled: SettledDocuments; first: Loaded }> {
  try {
    await declareStream(link, {
      name: changeLog.stream,
      subjects: [changeLog.subject],
      maxBytes: logMaxBytes,
      duplicateWindowMs,
      replicas,
    });
    await declareStream(link, {
      name: bucket.stream,
      subjects: [bucket.subjects],
      maxBytes: bucketMaxBytes,
      maxMessagesPerSubject: 1,
      duplicateWindowMs,
      replicas,
      allowRollup: true,
    });
    const settled = await openSettledDocuments(link);
    return { settled, first: await load(link, settled) };
  } catch (cause) {
    throw cause instanceof StreamContradictionError ? cause : unwritable(cause);
  }
}
