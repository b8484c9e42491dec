import { Buffer } from "node:buffer";
import { availableParallelism } from "node:os";

/** Bytes of the longest text: all characters of an output, each of three bytes in UTF-8. */
const mostBytes = 1024 * 1024;

/**
 * A text with some numbers that two threads hand to each other in turn, through memory of both: a message through a port would wake the
 * event loop of the other, which costs ten times as much. A count that grows says whose turn it is.
 */
export interface SharedText {
  /** Memory of both threads. */
  readonly memory: SharedArrayBuffer;
  /** What is said beside the text. */
  readonly numbers: Float64Array;
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

const heldNumbers = 3;
const numberBytes = heldNumbers * Float64Array.BYTES_PER_ELEMENT;
/** The last one is there so that all that follows is aligned. */
const countBytes = 4 * Int32Array.BYTES_PER_ELEMENT;
const lengthAt = 2;

/**
 * How long a thread looks for the other's turn before it sleeps. To be woken on another core costs both threads more than a usual call
 * takes; on one core nobody could answer meanwhile.
 */
const awakeMs = availableParallelism() > 1 ? 0.15 : 0;
const looksPerClock = 64;
/** Where it looked in vain, because there is little to do or the machine is busy, it sleeps at once the next times: twice as often each time. */
const mostVain = 6;

export function shareText(memory = new SharedArrayBuffer(numberBytes + countBytes + mostBytes)): SharedText {
  const numbers = new Float64Array(memory, 0, heldNumbers);
  const counts = new Int32Array(memory, numberBytes, 3);
  const bytes = Buffer.from(memory, numberBytes + countBytes);

  let vain = 0;
  let sleepsLeft = 0;

  function isToldSoon(turn: Turn, seen: number): boolean {
    const at = turns[turn];
    if (Atomics.load(counts, at) !== seen) return true;
    if (sleepsLeft-- > 0) return false;
    const end = performance.now() + awakeMs;
    do {
      for (let look = 0; look < looksPerClock; look++) {
        if (Atomics.load(counts, at) === seen) continue;
        vain = 0;
        return true;
      }
    } while (performance.now() < end);
    vain = Math.min(vain + 1, mostVain);
    sleepsLeft = 2 ** vain;
    return false;
  }

  return {
    memory,
    numbers,
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
      if (isToldSoon(turn, seen)) return true;
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
