import { Buffer } from "node:buffer";
import { type Refusal, refusal } from "@messnetz/model";

/** A CBOR item: maps by key as text, so that `2` and `"2"` are one. */
export type CborValue =
  | number
  | string
  | boolean
  | null
  | undefined
  | Uint8Array
  | readonly CborValue[]
  | ReadonlyMap<string, CborValue>;

const maxDepth = 16;
const decoder = new TextDecoder("utf-8", { fatal: true });

class CborError extends Error {}

/** One CBOR item (RFC 8949), all bytes of it; a refusal where it is none. No item is larger than the bytes it is made of. */
export function readCbor(bytes: Uint8Array): { readonly value: CborValue } | Refusal {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;

  function need(count: number): number {
    if (count > bytes.length - at) throw new CborError("it ends before its time");
    const from = at;
    at += count;
    return from;
  }

  /** The number behind the initial byte; undefined: of indefinite length. */
  function argument(info: number): number | undefined {
    if (info < 24) return info;
    if (info === 24) return view.getUint8(need(1));
    if (info === 25) return view.getUint16(need(2));
    if (info === 26) return view.getUint32(need(4));
    if (info === 27) {
      const large = view.getBigUint64(need(8));
      return Number(large);
    }
    if (info === 31) return undefined;
    throw new CborError(`additional information ${info} is reserved`);
  }

  function isBreak(): boolean {
    if (bytes[at] !== 0xff) return false;
    at++;
    return true;
  }

  function chunk(length: number | undefined, major: number): Uint8Array {
    if (length !== undefined) {
      const from = need(length);
      return bytes.subarray(from, from + length);
    }
    const parts: number[] = [];
    while (!isBreak()) {
      const head = view.getUint8(need(1));
      const inner = argument(head & 31);
      if (head >> 5 !== major || inner === undefined) throw new CborError("a chunk of another kind");
      const from = need(inner);
      for (let each = from; each < from + inner; each++) parts.push(bytes[each]!);
    }
    return Uint8Array.from(parts);
  }

  function simple(info: number): CborValue {
    if (info === 20 || info === 21) return info === 21;
    if (info === 22) return null;
    if (info === 23) return undefined;
    if (info === 25) return half(view.getUint16(need(2)));
    if (info === 26) return view.getFloat32(need(4));
    if (info === 27) return view.getFloat64(need(8));
    throw new CborError(`simple value ${info}`);
  }

  function item(depth: number): CborValue {
    if (depth > maxDepth) throw new CborError(`more than ${maxDepth} levels`);
    const head = view.getUint8(need(1));
    const major = head >> 5;
    if (major === 7) return simple(head & 31);
    const length = argument(head & 31);
    if (major < 2 || major === 6) {
      if (length === undefined) throw new CborError("a number without an end");
      if (major === 6) return tagged(length, item(depth + 1));
      return major === 0 ? length : -1 - length;
    }
    if (major === 2) return chunk(length, major);
    if (major === 3) return decoder.decode(chunk(length, major));
    if (length !== undefined && length > bytes.length - at) throw new CborError("more items than bytes");
    if (major === 4) {
      const list: CborValue[] = [];
      while (length === undefined ? !isBreak() : list.length < length) list.push(item(depth + 1));
      return list;
    }
    const map = new Map<string, CborValue>();
    for (let count = 0; length === undefined ? !isBreak() : count < length; count++) {
      const key = item(depth + 1);
      if (typeof key !== "string" && typeof key !== "number")
        throw new CborError("a key that is neither number nor text");
      map.set(String(key), item(depth + 1));
    }
    return map;
  }

  try {
    const value = item(0);
    if (at < bytes.length) throw new CborError(`${bytes.length - at} bytes behind its end`);
    return { value };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refusal("malformed", `CBOR (${why})`, `bytes ${Buffer.from(bytes.subarray(0, 32)).toString("hex")}`);
  }
}

/** RFC 8949, 3.4.4: tag 4 is a decimal fraction. Of other tags the content stands. */
function tagged(tag: number, content: CborValue): CborValue {
  const parts: readonly CborValue[] = tag === 4 && Array.isArray(content) ? content : [];
  const [exponent, mantissa] = parts;
  const isFraction = typeof exponent === "number" && typeof mantissa === "number";
  return isFraction ? Number(`${mantissa}e${exponent}`) : content;
}

/** RFC 8949, appendix D: IEEE 754 binary16. */
function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits >> 15 === 1 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
