import { Buffer, isUtf8 } from "node:buffer";
import { type EpochMs, type RawMessage, type Refusal, refusal } from "@messnetz/model";
import type { Message } from "./format.ts";

/** The largest payload that is read as text or JSON. Real messages have 20 bytes to 30 KB; a parse of this size takes 2 ms. */
export const maxTextBytes = 256 * 1024;

/**
 * Levels of nesting that JSON may have. No family goes deeper than 9; functions that walk a value may recurse without fear, where
 * `JSON.parse` itself would take 200,000 levels.
 */
export const maxJsonDepth = 16;

/** A message as formats see it: levels, text and JSON are made when first asked for, and once. */
export function createMessage(raw: RawMessage): Message {
  return new LazyMessage(raw);
}

const decoder = new TextDecoder();

// A class, because it has state: an object of closures costs four times as much to make, per message.
class LazyMessage implements Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly receivedAt: EpochMs;
  readonly source: string;
  #levels: readonly string[] | undefined;
  #text: string | undefined;
  #isTextRead = false;
  #json: unknown;
  #isJsonRead = false;
  #problem: Refusal | undefined;

  constructor(raw: RawMessage) {
    this.topic = raw.topic;
    this.payload = raw.payload;
    this.receivedAt = raw.receivedAt;
    this.source = raw.source;
  }

  get levels(): readonly string[] {
    this.#levels ??= this.topic.split("/");
    return this.#levels;
  }

  text(): string | undefined {
    if (this.#isTextRead) return this.#text;
    this.#isTextRead = true;
    const { payload } = this;
    if (payload.length > maxTextBytes) {
      this.#problem = refusal("too_large", `a payload of at most ${maxTextBytes} bytes`, `${payload.length} bytes`);
    } else if (isUtf8(payload)) {
      this.#text = decoder.decode(payload);
    } else {
      this.#problem = refusal("invalid_utf8", "text in UTF-8", `bytes ${beginOf(payload)}`);
    }
    return this.#text;
  }

  json(): unknown {
    if (this.#isJsonRead) return this.#json;
    this.#isJsonRead = true;
    const text = this.text();
    if (text === undefined) return undefined;
    if (mayBeDeep(text) && isTooDeep(this.payload)) {
      this.#problem = refusal("too_deep", `JSON of at most ${maxJsonDepth} levels`, text.slice(0, maxJsonDepth * 2));
      return undefined;
    }
    try {
      this.#json = JSON.parse(text);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#problem = refusal("malformed", `JSON (${why.slice(0, maxReasonLength)})`, text);
    }
    return this.#json;
  }

  problem(): Refusal | undefined {
    return this.#problem;
  }
}

const maxReasonLength = 120;
const shownBytes = 32;

function beginOf(payload: Uint8Array): string {
  return Buffer.from(payload.subarray(0, shownBytes)).toString("hex");
}

const quote = 0x22;
const backslash = 0x5c;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** With no more brackets than levels allowed it cannot be too deep: a native search, where looking at each byte costs ten times as much. */
function mayBeDeep(text: string): boolean {
  let openers = 0;
  for (let at = text.indexOf("{"); at >= 0; at = text.indexOf("{", at + 1)) if (++openers > maxJsonDepth) return true;
  for (let at = text.indexOf("["); at >= 0; at = text.indexOf("[", at + 1)) if (++openers > maxJsonDepth) return true;
  return false;
}

/** Counts brackets outside strings, before the parser sees them. Of what is no JSON it says nothing. */
function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) {
      for (at++; at < bytes.length && bytes[at] !== quote; at++) if (bytes[at] === backslash) at++;
    } else if (byte === openList || byte === openObject) {
      if (++depth > maxJsonDepth) return true;
    } else if (byte === closeList || byte === closeObject) {
      depth--;
    }
  }
  return false;
}
