import type { Socket } from "node:net";

/** Why a line is not read from. All of them must be gone before it is read again. */
export type PauseReason = "pressure" | "in_flight" | "output";

/** A socket with bounds: on what is read while others wait, on what is written to a client that does not read, on how long it takes to part. */
export interface Line {
  write(bytes: Uint8Array): void;
  pause(reason: PauseReason): void;
  resume(reason: PauseReason): void;
  isPaused(): boolean;
  /** Sends the last bytes, if any, and parts; after two seconds in any case. */
  end(last?: Uint8Array): void;
  /** Milliseconds since the client last sent something, time while paused not counted. */
  silentMs(now: number): number;
  /** Milliseconds for which the client has not read what was sent to it. */
  stalledMs(now: number): number;
  /** Destroys a socket that does not part. */
  look(now: number): void;
}

const lingerMs = 2000;

/** `now` is a coarse clock (milliseconds, monotonic): it need not move more often than somebody looks. */
export function createLine(socket: Socket, now: () => number, onData: (chunk: Buffer) => void): Line {
  const paused = new Set<PauseReason>();
  let heardAt = now();
  let stalledAt: number | undefined;
  let endedAt: number | undefined;

  socket.on("data", (chunk: Buffer) => {
    heardAt = now();
    if (endedAt !== undefined) return;
    // What one piece is answered with leaves in one write.
    socket.cork();
    onData(chunk);
    socket.uncork();
  });
  socket.on("drain", () => {
    stalledAt = undefined;
    resume("output");
  });

  function pause(reason: PauseReason): void {
    if (paused.size === 0) socket.pause();
    paused.add(reason);
  }

  function resume(reason: PauseReason): void {
    if (!paused.delete(reason) || paused.size > 0) return;
    heardAt = now();
    socket.resume();
  }

  return {
    write(bytes) {
      if (endedAt !== undefined || socket.write(bytes)) return;
      stalledAt ??= now();
      pause("output");
    },
    pause,
    resume,
    isPaused: () => paused.size > 0,
    end(last) {
      if (endedAt !== undefined) return;
      endedAt = now();
      if (last === undefined) socket.destroy();
      else {
        socket.end(last);
        // What still comes is read and thrown away: unread bytes would make the kernel reset the connection and lose the last word.
        socket.resume();
      }
    },
    silentMs: (at) => (paused.size > 0 ? 0 : at - heardAt),
    stalledMs: (at) => (stalledAt === undefined ? 0 : at - stalledAt),
    look(at) {
      if (endedAt !== undefined && at - endedAt > lingerMs) socket.destroy();
    },
  };
}
