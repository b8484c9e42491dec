import { randomUUID } from "node:crypto";
import type { EpochMs } from "@messnetz/model";
import { type NatsLink, publishDurably, SequenceConflictError, StreamFullError } from "@messnetz/nats";
import type { StoredMsg, StreamInfo } from "@nats-io/jetstream";
import { z } from "zod";
import { type ChainEnd, checkChain, isAuditAskedFor, nextEntry } from "../audit-chain.ts";
import { AuditLogFullError } from "../errors.ts";
import type { AuditEntry, AuditFact, AuditLog } from "../port.ts";
import { createTurns } from "../turns.ts";
import { askServer } from "./ask-server.ts";
import { followStream } from "./follow-stream.ts";
import { auditStream, auditSubject, declareAudit } from "./streams.ts";

export interface JetStreamAuditLogOptions {
  readonly link: NatsLink;
  readonly replicas: number;
  /** What the stream may hold; it may only grow. */
  readonly maxBytes: number;
  /** Told by `check` from a filling of four fifths on. */
  readonly onFilling?: (fill: AuditFill) => void;
  /** Default: the system's clock. */
  readonly clock?: () => EpochMs;
}

/** How much of the audit log's room is taken. */
export interface AuditFill {
  readonly bytes: number;
  readonly maxBytes: number;
}

export interface JetStreamAuditLog extends AuditLog {
  /** Rejects with an AuditLogFullError where there is no room for a few entries more, and where NATS does not answer. */
  check(): Promise<void>;
}

const auditEntrySchema = z.object({
  seq: z.int(),
  at: z.number(),
  principal: z.string(),
  action: z.string(),
  subject: z.string(),
  outcome: z.string(),
  rows: z.number().optional(),
  previous: z.string(),
  hash: z.string(),
});

/** Entries that are fetched at once. */
const pageEntries = 64;
/** Begin and end of a few acts: an entry has about 500 bytes, and as many as its subject. */
const roomBytes = 4096;
const fillingShare = 0.8;
/** Processes that append in the same moment take turns by trying. */
const maxConflicts = 100;

/**
 * The audit log of a region: a message an entry, whose number is the message's. Each names the one before it, so processes that append at once
 * still make one chain.
 */
export async function openJetStreamAuditLog(options: JetStreamAuditLogOptions): Promise<JetStreamAuditLog> {
  const { link, clock = Date.now, onFilling = () => undefined } = options;
  await declareAudit(options);
  const inTurn = createTurns();
  const messageIds = new WeakMap<AuditFact, string>();

  const get = (query: { seq: number } | { last_by_subj: string }): Promise<StoredMsg | null> =>
    askServer(link, "an entry of the audit log", () => link.manager.streams.getMessage(auditStream, query));
  const info = (): Promise<StreamInfo> =>
    askServer(link, "the audit log", () => link.manager.streams.info(auditStream));

  async function entryAt(seq: number): Promise<AuditEntry | undefined> {
    const message = await get({ seq });
    return message === null ? undefined : toEntry(message.seq, message.string());
  }

  /** What the next entry follows, and the sequence that the server must find its subject at. */
  async function chainEnd(): Promise<{ readonly last: ChainEnd | undefined; readonly lastSubjectSequence: number }> {
    const message = await get({ last_by_subj: auditSubject });
    if (message !== null)
      return { last: toEntry(message.seq, message.string()) ?? foreign(message.seq), lastSubjectSequence: message.seq };
    // The numbers go on where somebody took all entries out.
    const { state } = await info();
    return { last: state.last_seq === 0 ? undefined : foreign(state.last_seq), lastSubjectSequence: 0 };
  }

  async function appendOne(fact: AuditFact): Promise<void> {
    const messageId = messageIds.get(fact) ?? randomUUID();
    messageIds.set(fact, messageId);
    for (let conflicts = 0; ; conflicts++) {
      const { last, ...expect } = await chainEnd();
      const payload = JSON.stringify(nextEntry(last, fact, clock()));
      try {
        await publishDurably(link, { subject: auditSubject, payload, messageId, expect });
        return;
      } catch (error) {
        if (error instanceof StreamFullError && error.isOwnLimit)
          throw new AuditLogFullError(fullText, { cause: error });
        if (!(error instanceof SequenceConflictError) || conflicts >= maxConflicts) throw error;
      }
    }
  }

  /** The first number in `[low, high)` whose entry is at or after the instant, by halves: time does not go back in the log. */
  async function firstSince(instant: EpochMs, low: number, high: number): Promise<number> {
    let [from, to] = [low, high];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      const entry = await entryAt(middle);
      if (entry !== undefined && entry.at >= instant) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  return {
    append: (facts) =>
      inTurn(async () => {
        for (const fact of facts) await appendOne(fact);
      }),

    async list(query) {
      const { interval, before = Number.POSITIVE_INFINITY, limit } = query;
      const { state } = await info();
      const first = Math.max(1, state.first_seq);
      let end = Math.min(before, state.last_seq + 1);
      if (interval !== undefined) end = await firstSince(interval.to, first, end);
      const found: AuditEntry[] = [];
      while (end > first && found.length < limit) {
        const begin = Math.max(first, end - pageEntries);
        const seqs = Array.from({ length: end - begin }, (_, n) => begin + n);
        const page = (await Promise.all(seqs.map(entryAt))).filter((entry) => entry !== undefined);
        found.push(...page.reverse().filter((entry) => isAuditAskedFor(query, entry)));
        if (interval !== undefined && page.some(({ at }) => at < interval.from)) break;
        end = begin;
      }
      return found.slice(0, limit);
    },

    async verify() {
      let check = checkChain();
      const follower = followStream({
        link,
        stream: auditStream,
        take(message) {
          check.take(toEntry(message.seq, message.string()) ?? foreign(message.seq));
        },
        startOver: () => void (check = checkChain()),
      });
      try {
        await follower.caughtUp();
      } finally {
        await follower.close();
      }
      return check.verdict();
    },

    async check() {
      const { state, config } = await info();
      const fill = { bytes: state.bytes, maxBytes: config.max_bytes };
      if (fill.bytes + roomBytes > fill.maxBytes) throw new AuditLogFullError(fullText);
      if (fill.bytes > fill.maxBytes * fillingShare) onFilling(fill);
    },

    close: () => inTurn(() => Promise.resolve()),
  };
}

const fullText =
  `the audit log (NATS stream ${auditStream}) is full: what cannot be written down is not done. Raise MESSNETZ_NATS_AUDIT_MB and start the ` +
  `API again, or archive its oldest entries and take them out (docs/operating.md, The audit log)`;

/** Undefined for what is not of our making; its number is the one that the server gave it. */
function toEntry(seq: number, text: string): AuditEntry | undefined {
  const { data } = auditEntrySchema.safeParse(parse(text));
  if (data?.seq !== seq) return undefined;
  const { rows, ...entry } = data;
  return { ...entry, ...(rows === undefined ? {} : { rows }) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no more an entry than any other value
  }
}

/** Breaks the chain. */
function foreign(seq: number): AuditEntry {
  return { seq, at: 0, principal: "", action: "", subject: "", outcome: "", previous: "", hash: "" };
}
