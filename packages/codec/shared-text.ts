import { Buffer } from "node:buffer";

/** Bytes of the longest answer: all characters of an output, each escaped twice. */
const mostBytes = 1024 * 1024;

/**
 * A text that two threads hand to each other in turn, through memory of both: a message through a port would wake the event loop of the
 * other, which costs ten times as much. A count that grows says whose turn it is.
 */
export interface SharedText {
  /** Memory of both threads. */
  readonly memory: SharedArrayBuffer;
  /** False where the text is too long. */
  write(text: string): boolean;
  read(): string;
  /** Tells the other thread that there is something; `turn` is who tells. */
  tell(turn: Turn): void;
  /** Waits until that turn was told more often than `seen`; false where it was not in time. */
  wait(turn: Turn, seen: number, timeoutMs?: number): boolean;
}

const turns = { asked: 0, answered: 1 } as const;
export type Turn = keyof typeof turns;

const countBytes = 3 * Int32Array.BYTES_PER_ELEMENT;
const lengthAt = 2;

export function shareText(memory = new SharedArrayBuffer(countBytes + mostBytes)): SharedText {
  const counts = new Int32Array(memory, 0, 3);
  const bytes = Buffer.from(memory, countBytes);
  return {
    memory,
    write(text) {
      // The worst case first: a character has at most three bytes in UTF-8.
      if (text.length * 3 > bytes.length && Buffer.byteLength(text) > bytes.length) return false;
      counts[lengthAt] = bytes.write(text);
      return true;
    },
    read: () => bytes.toString("utf8", 0, counts[lengthAt]),
    tell(turn) {
      Atomics.add(counts, turns[turn], 1);
      Atomics.notify(counts, turns[turn]);
    },
    wait(turn, seen, timeoutMs = Infinity) {
      const end = performance.now() + timeoutMs;
      while (Atomics.load(counts, turns[turn]) === seen) {
        const left = end - performance.now();
        if (left <= 0) return false;
        Atomics.wait(counts, turns[turn], seen, left);
      }
      return true;
    },
  };
}
