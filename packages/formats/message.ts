import { Buffer, isUtf8 } from "node:buffer";
import { type EpochMs, type RawMessage, type Refusal, refusal } from "@messnetz/model";
import type { Message } from "./format.ts";
import type { JsonObject } from "./json-object.ts";

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

/** `TextDecoder` takes the byte order mark away itself; a buffer is read in half the time. */
function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

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
      return undefined;
    }
    const text = Buffer.isBuffer(payload) ? withoutMark(payload.toString()) : decoder.decode(payload);
    // Bytes that are no UTF-8 have become U+FFFD, which somebody may also have written. Where there is none the bytes need no second look.
    if (!text.includes("\uFFFD") || isUtf8(payload)) {
      this.#text = text;
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
    const mayBe = mayBeDeep(text);
    if (mayBe && text.length > maxParsedFirst && isTooDeep(this.payload)) return this.#refuseDepth(text);
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (error) {
      if (mayBe && isTooDeep(this.payload)) return this.#refuseDepth(text);
      const why = error instanceof Error ? error.message : String(error);
      this.#problem = refusal("malformed", `JSON (${why.slice(0, maxReasonLength)})`, text);
      return undefined;
    }
    if (mayBe && goesDeeper(json, maxJsonDepth)) return this.#refuseDepth(text);
    this.#json = json;
    return json;
  }

  #refuseDepth(text: string): undefined {
    this.#problem = refusal("too_deep", `JSON of at most ${maxJsonDepth} levels`, text.slice(0, maxJsonDepth * 2));
    return undefined;
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

/** Of texts up to here the value is looked at, which costs a tenth; longer ones that are too deep are not parsed at all. */
const maxParsedFirst = 16 * 1024;

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

/** Has a parsed value more levels of lists and objects than `levels`? */
function goesDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const element of value) if (goesDeeper(element, levels - 1)) return true;
    return false;
  }
  // oxlint-disable-next-line guard-for-in -- parsed JSON has no keys but its own
  for (const key in value) if (goesDeeper((value as JsonObject)[key], levels - 1)) return true;
  return false;
}

/** Counts brackets outside strings. Of what is no JSON it says nothing. */
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
