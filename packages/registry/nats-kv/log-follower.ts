import { setTimeout as delay } from "node:timers/promises";
import type { JsMsg } from "@nats-io/jetstream";
import type { NatsLink } from "@messnetz/nats";
import { changeLog } from "./change-log.ts";
import { logRange, logWindow } from "./load.ts";
import { readStream, type StreamReader } from "./stream-reader.ts";

/** The log has left out messages that we have not seen: they were settled and purged meanwhile. */
class LogGapError extends Error {
  override readonly name = "LogGapError";
}

export interface LogFollowing {
  /** Sequence of the last message taken. */
  position(): number;
  /** What it throws is cured by reading everything again, if by anything. */
  take(message: JsMsg): void;
  /** Reads everything again; after it, `position` is where to go on. */
  reload(): Promise<void>;
  onFollowing(): void;
  /** Why we do not follow now; it is tried again. */
  onFailure(cause: unknown): void;
}

export interface LogFollower {
  /** Begins anew where it is: nothing comes, although there is something. */
  again(): void;
  stop(): void;
}

const pauseMs = 250;

/** Takes what is appended to the log until it is stopped, whatever happens to the connection meanwhile. */
export function followLog(link: NatsLink, following: LogFollowing): LogFollower {
  const stopped = new AbortController();
  let reader: StreamReader | undefined;
  let mustReload = false;
  // The server may have forgotten the consumer: a new one is there at once.
  const offReconnect = link.onReconnect(() => reader?.stop());

  function take(message: JsMsg): void {
    const expected = following.position() + 1;
    if (message.seq < expected) return;
    try {
      if (message.seq > expected) throw new LogGapError(`expected message ${expected}, came ${message.seq}`);
      following.take(message);
    } catch (error) {
      mustReload = true;
      throw error;
    }
  }

  async function follow(): Promise<void> {
    const known = following.position(); // before the answer: we may append meanwhile
    const { last } = await logRange(link);
    mustReload ||= last < known; // the server lost its end, or is from a backup
    if (mustReload) await following.reload();
    mustReload = false;
    reader = await readStream(link, {
      stream: changeLog.stream,
      from: following.position() + 1,
      window: logWindow,
      take,
    });
    following.onFollowing();
    if (stopped.signal.aborted) reader.stop();
    await reader.ended;
  }

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        await follow();
      } catch (cause) {
        if (stopped.signal.aborted) return;
        if (cause instanceof LogGapError) continue;
        following.onFailure(cause);
        await pause();
      }
    }
  }

  /** A moment; while the connection is lost, until it is back. */
  async function pause(): Promise<void> {
    do await delay(pauseMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    while (!link.isConnected() && !stopped.signal.aborted);
  }

  void run();
  return {
    again: () => reader?.stop(),
    stop() {
      stopped.abort();
      offReconnect();
      reader?.stop();
    },
  };
}
