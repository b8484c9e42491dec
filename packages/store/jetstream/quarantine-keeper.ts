import type { EpochMs, IntakeMessage } from "@messnetz/model";
import { type NatsLink, publishDurably, StreamFullError } from "@messnetz/nats";
import type { QuarantineLimits } from "../port.ts";
import { oldestKept } from "../quarantine-entry.ts";
import { payloadRoom } from "./payload-room.ts";
import type { QuarantineIndex } from "./quarantine-index.ts";
import { type QuarantineMessage, toQuarantineMessage } from "./quarantine-message.ts";
import { quarantineSubjects } from "./streams.ts";

export type QuarantineVerdict = "kept" | "known" | "full";

/** The publishing side of the quarantine. */
export interface QuarantineKeeper {
  /**
   * Resolves when those that are kept are durable; rejects when one is not, and may be repeated then: a message object always gets the
   * verdict that it got first. `domainOf` gives the last token of the entry's subject. `full`: beyond the limit of its credential or of the whole
   * quarantine, too old, or larger than the server takes.
   */
  keep(
    messages: readonly IntakeMessage[],
    domainOf: (message: IntakeMessage) => string,
  ): Promise<readonly QuarantineVerdict[]>;
}

interface Attempt {
  verdict: QuarantineVerdict;
  /** Undefined once it is durable, or where there is nothing to do. */
  open: QuarantineMessage | undefined;
  readonly subject: string;
  tries: number;
}

interface KeeperParts {
  readonly link: NatsLink;
  readonly limits: QuarantineLimits;
  readonly clock: () => EpochMs;
  readonly index: QuarantineIndex;
  readonly caughtUp: () => Promise<void>;
}

/** Publishes that wait for their acknowledgement at once. */
const maxInFlight = 256;

export function createQuarantineKeeper({ link, limits, clock, index, caughtUp }: KeeperParts): QuarantineKeeper {
  const attempts = new WeakMap<IntakeMessage, Attempt>();
  /** Decided for, not durable yet: by id, and their bytes by credential. */
  const pending = new Map<string, QuarantineMessage>();
  const pendingBytes = new Map<string, number>();

  function isFull({ entry: { source }, bytes }: QuarantineMessage, cutoff: EpochMs): boolean {
    const exceeds = (): boolean => index.bytesOf(source) + (pendingBytes.get(source) ?? 0) + bytes > limits.maxBytes;
    if (!exceeds()) return false;
    index.expire(cutoff);
    return exceeds();
  }

  function decide(message: IntakeMessage, subject: string): Attempt {
    const without = (verdict: QuarantineVerdict): Attempt => ({ verdict, open: undefined, subject, tries: 0 });
    const candidate = toQuarantineMessage(message);
    const { id, receivedAt } = candidate.entry;
    const cutoff = oldestKept(clock(), limits.maxAgeMs);
    if (receivedAt <= cutoff) return without("full");
    // Known only once it is durable: until then this one sees to it as well.
    if (index.find(id) !== undefined) return without("known");
    if (pending.has(id)) return { verdict: "known", open: candidate, subject, tries: 0 };
    const tooLarge = candidate.body.length > payloadRoom(link);
    if (tooLarge || isFull(candidate, cutoff)) return without("full");
    reserve(candidate);
    return { verdict: "kept", open: candidate, subject, tries: 0 };
  }

  function reserve(candidate: QuarantineMessage): void {
    const { id, source } = candidate.entry;
    pending.set(id, candidate);
    pendingBytes.set(source, (pendingBytes.get(source) ?? 0) + candidate.bytes);
  }

  function release(id: string): void {
    const candidate = pending.get(id);
    if (candidate === undefined) return;
    const { source } = candidate.entry;
    pending.delete(id);
    const bytes = (pendingBytes.get(source) ?? 0) - candidate.bytes;
    if (bytes > 0) pendingBytes.set(source, bytes);
    else pendingBytes.delete(source);
  }

  function attemptOf(message: IntakeMessage, domainOf: (message: IntakeMessage) => string): Attempt {
    const attempt = attempts.get(message) ?? decide(message, `${quarantineSubjects}.${domainOf(message)}`);
    attempts.set(message, attempt);
    return attempt;
  }

  /** Whether it was there before. */
  async function store({ entry, headers, body, bytes }: QuarantineMessage, subject: string): Promise<boolean> {
    const { id, source, receivedAt } = entry;
    const { seq, isDuplicate } = await publishDurably(link, { subject, payload: body, headers, messageId: id });
    index.add({ id, seq, source, receivedAt, bytes });
    return isDuplicate;
  }

  async function publish(attempt: Attempt, message: QuarantineMessage): Promise<void> {
    const { entry } = message;
    const { subject } = attempt;
    const isRepeat = attempt.tries++ > 0;
    const isStored = index.find(entry.id) !== undefined;
    try {
      const isKnown = isStored || (await store(message, subject));
      // Somebody else was faster.
      if (isKnown && !isRepeat) attempt.verdict = "known";
    } catch (error) {
      // Room comes with age alone, after months: what nobody can read must not hold up what everybody sends.
      if (!(error instanceof StreamFullError && error.isOwnLimit)) throw error;
      attempt.verdict = "full";
    }
    attempt.open = undefined;
    release(entry.id);
  }

  return {
    async keep(messages, domainOf) {
      const all = messages.map((message) => attemptOf(message, domainOf));
      const open = all.filter((attempt) => attempt.open !== undefined);
      // What was tried before may be stored, longer ago than the server remembers ids.
      if (open.some(({ tries }) => tries > 0)) await caughtUp();
      for (let from = 0; from < open.length; from += maxInFlight) {
        const some = open.slice(from, from + maxInFlight);
        const results = await Promise.allSettled(some.map((attempt) => publish(attempt, attempt.open!)));
        const failed = results.find((result) => result.status === "rejected");
        if (failed !== undefined) throw failed.reason;
      }
      return all.map(({ verdict }) => verdict);
    },
  };
}
