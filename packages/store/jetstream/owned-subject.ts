import { randomUUID } from "node:crypto";
import type { StoredMsg } from "@nats-io/jetstream";
import { type NatsLink, publishDurably, SequenceConflictError, UnacknowledgedError } from "@messnetz/nats";
import { askServer } from "./ask-server.ts";

const maxAttempts = 100;

/** Who wrote a message: a random name of each claim. */
const ownerHeader = "Messnetz-Owner";

export interface SubjectClaim {
  readonly link: NatsLink;
  readonly stream: string;
  readonly subject: string;
  /** What the first message says, which tells everybody that the subject has a new owner. */
  readonly announce: (last: StoredMsg | undefined) => string;
  /** What is thrown once somebody else has claimed the subject. */
  readonly taken: () => Error;
}

/** A subject that one process at a time writes to: each message names the one before it, so who was replaced can write no more. */
export interface OwnedSubject {
  /** Of the last message. */
  readonly lastSeq: number;
  /** Whether it is known what the last message is; not so after an append that was not acknowledged. */
  readonly isSettled: boolean;
  /** The last message, which is ours; rejects with `taken` where it is not. */
  settle(): Promise<StoredMsg>;
  /**
   * One try; resolves with the sequence once it is stored. Rejects with `taken` for good; after anything else the subject is unsettled and what
   * was asked for is stored or not: ask `settle`, or repeat it with the same message id.
   */
  append(payload: string, messageId: string): Promise<number>;
}

/** Takes the subject over from whoever had it. */
export async function claimSubject({ link, stream, subject, announce, taken }: SubjectClaim): Promise<OwnedSubject> {
  const owner = randomUUID();
  let lastSeq = 0;
  let isSettled = false;

  async function lastMessage(): Promise<StoredMsg | undefined> {
    const last = await askServer(link, `the last message of ${subject}`, () =>
      link.manager.streams.getMessage(stream, { last_by_subj: subject }),
    );
    return last ?? undefined;
  }

  async function settle(): Promise<StoredMsg> {
    const last = await lastMessage();
    if (last?.header.get(ownerHeader) !== owner) throw taken();
    lastSeq = last.seq;
    isSettled = true;
    return last;
  }

  async function publish(payload: string, messageId: string): Promise<number> {
    const expect = { lastSubjectSequence: lastSeq };
    const headers = { [ownerHeader]: owner };
    try {
      lastSeq = (await publishDurably(link, { subject, payload, messageId, headers, expect })).seq;
      isSettled = true;
      return lastSeq;
    } catch (error) {
      isSettled = false;
      throw error;
    }
  }

  async function claim(): Promise<void> {
    const before = await lastMessage();
    lastSeq = before?.seq ?? 0;
    await publish(announce(before), owner);
  }

  for (let attempt = 1; !isSettled; attempt++) {
    await claim().catch((error: unknown) => {
      // Who has it is still writing, or somebody else claims it in this moment.
      if (!(error instanceof SequenceConflictError) || attempt >= maxAttempts) throw error;
    });
  }

  return {
    get lastSeq() {
      return lastSeq;
    },
    get isSettled() {
      return isSettled;
    },
    settle,
    async append(payload, messageId) {
      if (!isSettled) await settle();
      try {
        return await publish(payload, messageId);
      } catch (error) {
        if (!(error instanceof SequenceConflictError)) throw error;
        await settle();
        // It is ours: something that was given up for lost has arrived after all.
        isSettled = false;
        throw new UnacknowledgedError(`an earlier message of ${subject} arrived late: this one has to be repeated`, {
          cause: error,
        });
      }
    },
  };
}
