/** Sends a will; called at most once. */
type Send = () => void;

export interface Wills {
  /** Sends the will after the delay, unless the session is resumed before. */
  schedule(will: { readonly client: string; readonly bytes: number; readonly dueAt: number }, send: Send): void;
  /** The session is resumed: its will is not sent (MQTT 5.0, 3.1.3.2.2). */
  cancel(client: string): void;
  /** The session has ended: its will is sent now. */
  release(client: string): void;
  /** Sends what is due. Times are those of `performance.now()`. */
  sweep(now: number): void;
  /** Sends all that wait. */
  close(): void;
}

/** Of all waiting wills together; what comes on top is sent at once. */
const maxWaitingBytes = 16 * 1024 * 1024;
const overheadBytes = 256;

/** Wills that wait for their delay. They are not durable: after kill -9 they are not sent. */
export function createWills(): Wills {
  const waiting = new Map<string, { readonly bytes: number; readonly dueAt: number; readonly send: Send }>();
  let waitingBytes = 0;

  function take(client: string): Send | undefined {
    const will = waiting.get(client);
    if (will === undefined) return undefined;
    waiting.delete(client);
    waitingBytes -= will.bytes;
    return will.send;
  }

  return {
    schedule({ client, bytes, dueAt }, send) {
      const size = bytes + overheadBytes;
      if (waitingBytes + size > maxWaitingBytes) return send();
      take(client)?.();
      waiting.set(client, { bytes: size, dueAt, send });
      waitingBytes += size;
    },
    cancel(client) {
      take(client);
    },
    release(client) {
      take(client)?.();
    },
    sweep(now) {
      for (const [client, will] of waiting) if (will.dueAt <= now) take(client)?.();
    },
    close() {
      for (const client of waiting.keys()) take(client)?.();
    },
  };
}
