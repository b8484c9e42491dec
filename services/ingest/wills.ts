import type { Source } from "@messnetz/model";
import type { Will } from "./connect-request.ts";
import type { IngestEvents } from "./events.ts";
import type { Intake } from "./intake-port.ts";

export interface LeftWill {
  readonly client: string;
  readonly source: Source;
  readonly will: Will;
  /** 0: it is sent now. */
  readonly waitMs: number;
}

export interface Wills {
  /** The client was lost: its will is sent after the wait, unless the session is resumed before. */
  leave(left: LeftWill): void;
  /** The session is resumed: its will is not sent (MQTT 5.0, 3.1.3.2.2). */
  cancel(client: string): void;
  /** The session has ended: its will is sent now. */
  release(client: string): void;
  /** Sends what is due. */
  sweep(): void;
  /** Sends all that wait. */
  close(): void;
}

/** Of all waiting wills together; what comes on top is sent at once. */
const maxWaitingBytes = 16 * 1024 * 1024;
const overheadBytes = 256;

/**
 * Wills go down the road like any message. Those that wait are not durable: after kill -9 they are not sent. A will whose sending fails by
 * a fault of the software is lost, and somebody is told.
 */
export function createWills(options: {
  readonly intake: Pick<Intake, "receive">;
  readonly events: Pick<IngestEvents, "faulted">;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}): Wills {
  const { intake, now } = options;
  const waiting = new Map<string, { readonly left: LeftWill; readonly dueAt: number }>();
  let waitingBytes = 0;

  function sizeOf({ will }: LeftWill): number {
    return will.payload.length + will.topic.length + overheadBytes;
  }

  function take(client: string): LeftWill | undefined {
    const entry = waiting.get(client);
    if (entry === undefined) return undefined;
    waiting.delete(client);
    waitingBytes -= sizeOf(entry.left);
    return entry.left;
  }

  function send(left: LeftWill | undefined): void {
    if (left === undefined) return;
    const { source, will } = left;
    const { topic, payload } = will;
    const once = { client: "", qos: 0, packetId: 0, isDuplicate: false, isDurable: false } as const;
    try {
      intake.receive({ source, topic, payload, ...once });
    } catch (error) {
      options.events.faulted("will", error);
    }
  }

  return {
    leave(left) {
      send(take(left.client));
      if (left.waitMs === 0 || waitingBytes + sizeOf(left) > maxWaitingBytes) return send(left);
      waiting.set(left.client, { left, dueAt: now() + left.waitMs });
      waitingBytes += sizeOf(left);
    },
    cancel: (client) => void take(client),
    release: (client) => send(take(client)),
    sweep() {
      for (const [client, { dueAt }] of waiting) if (dueAt <= now()) send(take(client));
    },
    close() {
      for (const client of waiting.keys()) send(take(client));
    },
  };
}
