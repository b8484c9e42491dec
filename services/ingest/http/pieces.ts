import { DoorProblem } from "./problem.ts";
import type { PieceKind } from "./read-target.ts";

/** One message of a body that holds many. */
export interface Piece {
  /** Of lines the line in the body, of items the place in the array; from 1. */
  readonly number: number;
  /** A copy; absent where it is longer than it may be. */
  readonly bytes?: Buffer;
}

/** Cuts a body into pieces as it comes. Holds no more than one piece. */
export interface PieceCutter {
  /** Throws a `DoorProblem` where what follows cannot be found. */
  push(chunk: Buffer): Iterable<Piece>;
  /** What the end of the body ends. Throws a `DoorProblem` where it came too early. */
  end(): Iterable<Piece>;
}

export function createPieceCutter(kind: PieceKind, maxBytes: number): PieceCutter {
  return kind === "line" ? createLineCutter(maxBytes) : createItemCutter(maxBytes);
}

/** Bytes of a piece over several chunks. */
function createGathering(maxBytes: number) {
  let parts: Buffer[] = [];
  let length = 0;
  return {
    add(part: Buffer): void {
      length += part.length;
      if (length > maxBytes) parts = [];
      else if (part.length > 0) parts.push(Buffer.from(part));
    },
    take(number: number): Piece {
      const piece = length > maxBytes ? { number } : { number, bytes: Buffer.concat(parts) };
      parts = [];
      length = 0;
      return piece;
    },
    isEmpty: () => length === 0,
  };
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Lines without their ends (LF or CR LF). Empty ones count, and are left out. */
function createLineCutter(maxBytes: number): PieceCutter {
  // A carriage return that goes away does not make a line too long.
  const line = createGathering(maxBytes + 1);
  let number = 1;

  function* finish(): Generator<Piece> {
    const { bytes } = line.take(number);
    const trimmed = bytes?.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes;
    if (trimmed === undefined || trimmed.length > maxBytes) yield { number };
    else if (trimmed.length > 0) yield { number, bytes: trimmed };
    number++;
  }

  return {
    *push(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, from)) {
        line.add(chunk.subarray(from, at));
        from = at + 1;
        yield* finish();
      }
      line.add(chunk.subarray(from));
    },
    *end() {
      if (!line.isEmpty()) yield* finish();
    },
  };
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Elements of a JSON array as they stand in it (RFC 8259). Follows brackets and quotes alone: whether an element is JSON is for whoever reads it;
 * but where brackets do not fit, the elements behind cannot be found.
 */
function createItemCutter(maxBytes: number): PieceCutter {
  const item = createGathering(maxBytes);
  let state: "before" | "inside" | "behind" = "before";
  let depth = 0;
  let isText = false;
  let isEscaped = false;
  /** Since the comma or the bracket, something other than white space came. */
  let hasContent = false;
  let number = 1;

  function* finish(isLast: boolean): Generator<Piece> {
    // An array may be empty; an element may not.
    if (hasContent) yield withoutSpaceBehind(item.take(number));
    else if (!isLast || number > 1)
      throw new DoorProblem("invalid-request", `expected an element of the array at place ${number}; there is none`);
    hasContent = false;
    number++;
  }

  /** Gives whether the byte belongs to an element. */
  function follow(byte: number): boolean {
    if (isText) {
      if (isEscaped) isEscaped = false;
      else if (byte === backslash) isEscaped = true;
      else if (byte === quote) isText = false;
      return true;
    }
    if (byte === quote) isText = true;
    else if (byte === openBracket || byte === openBrace) depth++;
    else if (byte === closeBracket || byte === closeBrace) depth--;
    else if (isSpace(byte)) return hasContent;
    hasContent = true;
    return true;
  }

  return {
    *push(chunk) {
      let from = 0;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at]!;
        if (state === "inside") {
          const isEnd = !isText && depth === 0 && (byte === comma || byte === closeBracket);
          if (isEnd) {
            if (hasContent) item.add(chunk.subarray(from, at));
            from = at + 1;
            yield* finish(byte === closeBracket);
            if (byte === closeBracket) state = "behind";
          } else if (!follow(byte)) from = at + 1;
        } else if (!isSpace(byte)) {
          if (state === "behind") throw new DoorProblem("invalid-request", "expected nothing behind the array");
          if (byte !== openBracket)
            throw new DoorProblem("invalid-request", "expected a JSON array, which begins with [");
          state = "inside";
          from = at + 1;
        }
      }
      if (state === "inside" && hasContent) item.add(chunk.subarray(from));
    },
    end() {
      if (state === "behind") return [];
      throw new DoorProblem("invalid-request", "expected the end of the JSON array; the body ended before");
    },
  };
}

function withoutSpaceBehind(piece: Piece): Piece {
  const { number, bytes } = piece;
  let end = bytes?.length ?? 0;
  while (end > 0 && isSpace(bytes![end - 1]!)) end--;
  return bytes === undefined ? piece : { number, bytes: bytes.subarray(0, end) };
}

/** RFC 8259, 2. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
