import { Buffer } from "node:buffer";
import { gunzipSync, inflateSync } from "node:zlib";
import { type Refusal, refusal } from "@messnetz/model";
import { createMessage, maxTextBytes } from "./message.ts";
import type { Message } from "./format.ts";

/**
 * The message whose payload was compressed: gzip (RFC 1952) or zlib (RFC 1950), as bytes or as their base64 text; any other message as it
 * is. Of what is no such data, or becomes more than `maxTextBytes`, a refusal.
 */
export function inflated(message: Message): Message | Refusal {
  const compressed = isCompressed(message.payload) ? message.payload : fromBase64(message);
  if (compressed === undefined) return message;
  try {
    const unpack = compressed[0] === gzipMagic[0] ? gunzipSync : inflateSync;
    const payload = unpack(compressed, { maxOutputLength: maxTextBytes });
    const { topic, receivedAt, source } = message;
    return createMessage({ topic, payload, receivedAt, source });
  } catch (error) {
    return error instanceof RangeError
      ? refusal("too_large", `at most ${maxTextBytes} bytes after unpacking`, `${compressed.length} bytes packed`)
      : refusal("malformed", "data compressed by gzip or zlib", `${compressed.length} bytes that are not`);
  }
}

const gzipMagic = [0x1f, 0x8b] as const;
const deflateIn32K = 0x78;

/** Neither begins JSON or XML: 1f is a control character, and in zlib the first two bytes are a multiple of 31 (RFC 1950, 2.2). */
export function isCompressed(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  if (first === gzipMagic[0] && second === gzipMagic[1]) return true;
  return first === deflateIn32K && ((first << 8) | second) % 31 === 0 && (second & 0x20) === 0;
}

const base64 = /^[A-Za-z0-9+/]+={0,2}\s*$/u;

/** `H4sI` and `eJ`, `eA`, `eN`, `eF`: how gzip and zlib begin in base64. */
function fromBase64(message: Message): Uint8Array | undefined {
  const { payload } = message;
  const isLikely = (payload[0] === 0x48 && payload[1] === 0x34) || payload[0] === 0x65;
  const text = isLikely ? message.text() : undefined;
  if (text === undefined || !base64.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64");
  return isCompressed(bytes) ? bytes : undefined;
}
