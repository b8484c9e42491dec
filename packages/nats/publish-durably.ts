import { JetStreamApiError, type PubAck, type StreamExpectations } from "@nats-io/jetstream";
import { headers as createHeaders, type MsgHdrs } from "@nats-io/transport-node";
import { PublishRefusedError, SequenceConflictError, StreamFullError, UnacknowledgedError } from "./errors.ts";
import type { NatsLink } from "./link.ts";

export interface DurableMessage {
  readonly subject: string;
  readonly payload: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `Nats-Msg-Id`: within the stream's duplicate window a message with the same id is stored once. */
  readonly messageId: string;
  readonly expect?: Partial<StreamExpectations>;
  /** Default 5,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface Stored {
  readonly seq: number;
  /** It was stored before, under the same message id. */
  readonly isDuplicate: boolean;
}

const defaultTimeoutMs = 5000;

/** `err_code` of the server's answers (nats-server, server/errors.json). */
const full = new Set([
  10_023 /* resources */, 10_047 /* storage */, 10_077 /* store failed: maximum bytes or messages */,
]);
const conflicts = new Set([10_070 /* message id */, 10_071 /* sequence */, 10_164 /* sequence, constant form */]);

/**
 * One try. Resolves when the stream's storage has the message. Rejects with StreamFullError, SequenceConflictError or PublishRefusedError
 * when it was not stored, with UnacknowledgedError where that is unknown, at once when the connection is lost: the caller repeats with the
 * same message id.
 */
export async function publishDurably(link: NatsLink, message: DurableMessage): Promise<Stored> {
  message.signal?.throwIfAborted();
  if (!link.isConnected())
    throw new UnacknowledgedError(`expected a connection to NATS for ${message.subject}, it is lost`);
  const { seq, duplicate } = await answerOrLoss(link, message).catch((cause: unknown) => {
    throw explain(cause, message.subject);
  });
  return { seq, isDuplicate: duplicate };
}

/** An answer cannot come over a connection that is gone: waiting for the timeout would only cost time. */
async function answerOrLoss(link: NatsLink, message: DurableMessage): Promise<PubAck> {
  const { promise, resolve, reject } = Promise.withResolvers<PubAck>();
  const stopWatching = link.onDisconnect(() => reject(new UnacknowledgedError("the connection to NATS was lost")));
  const abort = (): void => reject(message.signal?.reason as Error);
  message.signal?.addEventListener("abort", abort, { once: true });
  link.jetstream
    .publish(message.subject, message.payload, {
      msgID: message.messageId,
      timeout: message.timeoutMs ?? defaultTimeoutMs,
      ...(message.headers === undefined ? {} : { headers: toHeaders(message.headers) }),
      ...(message.expect === undefined ? {} : { expect: message.expect }),
    })
    .then(resolve, reject);
  try {
    return await promise;
  } finally {
    stopWatching();
    message.signal?.removeEventListener("abort", abort);
  }
}

function toHeaders(values: Readonly<Record<string, string>>): MsgHdrs {
  const headers = createHeaders();
  for (const [name, value] of Object.entries(values)) headers.set(name, value);
  return headers;
}

function explain(cause: unknown, subject: string): unknown {
  if (cause instanceof UnacknowledgedError || (cause instanceof Error && cause.name === "AbortError")) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  if (!(cause instanceof JetStreamApiError)) {
    return new UnacknowledgedError(`expected JetStream to acknowledge ${subject}, came: ${text}`, { cause });
  }
  if (full.has(cause.code)) {
    return new StreamFullError(
      `the stream of ${subject} takes no more: ${text}. Messages leave it when they are written.`,
      // The server says it in words only: the same code stands for a disk that fails.
      { cause, isOwnLimit: /maximum (bytes|messages) exceeded/.test(cause.message) },
    );
  }
  if (conflicts.has(cause.code))
    return new SequenceConflictError(`somebody else wrote to ${subject}: ${text}`, { cause });
  // 503: no leader, no peers; it comes back.
  if (cause.status >= 500)
    return new UnacknowledgedError(`JetStream could not take ${subject} now: ${text}`, { cause });
  return new PublishRefusedError(`JetStream refused ${subject}: ${text} (${cause.code})`, { cause });
}
