/** A field of a stream or consumer that is not as the code needs it. */
export interface Contradiction {
  readonly field: string;
  readonly expected: string;
  readonly came: string;
}

function told(contradictions: readonly Contradiction[]): string {
  return contradictions.map(({ field, expected, came }) => `${field}: expected ${expected}, came ${came}`).join("; ");
}

/** Settings of the access to NATS that cannot go together, or a secret that cannot be read; the message says how to cure it. */
export class NatsSettingsError extends Error {
  override readonly name = "NatsSettingsError";
}

/** A stream of that name is there, and changing it into what was declared would lose data or change somebody else's stream. */
export class StreamContradictionError extends Error {
  override readonly name = "StreamContradictionError";
  readonly stream: string;
  readonly contradictions: readonly Contradiction[];

  constructor(stream: string, contradictions: readonly Contradiction[]) {
    super(
      `the stream ${stream} exists and contradicts: ${told(contradictions)}. ` +
        `Set the setting to what is there, or change the stream with the nats tool (nats stream edit ${stream}), knowing what that deletes.`,
    );
    this.stream = stream;
    this.contradictions = contradictions;
  }
}

/** A consumer of that name is there and is not of our making. */
export class ConsumerContradictionError extends Error {
  override readonly name = "ConsumerContradictionError";
  readonly consumer: string;
  readonly contradictions: readonly Contradiction[];

  constructor(consumer: string, contradictions: readonly Contradiction[]) {
    super(
      `the consumer ${consumer} exists and contradicts: ${told(contradictions)}. ` +
        `If nothing else uses it, delete it with the nats tool (nats consumer rm).`,
    );
    this.consumer = consumer;
    this.contradictions = contradictions;
  }
}

/** The stream has no room: nothing was stored. It takes messages again when they are purged, or when it may grow. */
export class StreamFullError extends Error {
  override readonly name = "StreamFullError";
  /** By its own limit; else the server or the account has no room, for other streams neither. */
  readonly isOwnLimit: boolean;

  constructor(message: string, { isOwnLimit, ...options }: ErrorOptions & { readonly isOwnLimit: boolean }) {
    super(message, options);
    this.isOwnLimit = isOwnLimit;
  }
}

/** `expect` does not hold: somebody else wrote in between. Nothing was stored. */
export class SequenceConflictError extends Error {
  override readonly name = "SequenceConflictError";
}

/** The server refused the message for another reason: nothing was stored. */
export class PublishRefusedError extends Error {
  override readonly name = "PublishRefusedError";
}

/** No answer (timeout, lost connection, no server): the message may be stored or not. Repeat it with the same message id. */
export class UnacknowledgedError extends Error {
  override readonly name = "UnacknowledgedError";
}
