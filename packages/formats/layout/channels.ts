import type { Inner } from "./compile-items.ts";
import {
  type Compiled,
  type FrameReading,
  hexOf,
  type Making,
  problem,
  type Problem,
  tooShort,
} from "./frame-reading.ts";
import type { ChannelsItem } from "./layout-schema.ts";
import { entryOf } from "./put-value.ts";
import type { Scope } from "./scope.ts";

interface Entry {
  readonly pattern: RegExp;
  readonly into: string | undefined;
  readonly body: Compiled;
}

/** Keys shown of those that were expected. */
const shownKeys = 24;

/**
 * Entries that each begin with a key: to the end of the block. A key that the layout lacks ends the reading, because nobody knows where
 * the next entry begins. Where entries tell their length, it is read over: `unknown_<key>` holds its bytes, for the profile's fields to
 * explain or refuse.
 */
export function compileChannels(item: ChannelsItem, scope: Scope, { tail, compileItems }: Inner): Compiled {
  const keys = Object.keys(item.channels);
  const bytes = lengthOf(keys[0] ?? "");
  const { path: channelsPath } = scope;
  if (keys.some((key) => lengthOf(key) !== bytes))
    scope.fault("all keys of as many bytes; write them in quotation marks");
  if (tail === undefined) scope.fault("what stands behind channels must have a fixed length", "channels");
  const exact = new Map<string, Entry>();
  const patterns: Entry[] = [];
  for (const [key, { into, fields }] of Object.entries(item.channels)) {
    const here = scope.below("channels", key);
    const names = key.match(placeholder) ?? [];
    if (names.length > 1) here.fault("a key has one placeholder");
    const body = compileItems(fields, here.withPlaceholders(names).below("fields"), 0);
    const entry = { pattern: patternOf(key), into, body };
    if (names.length > 0 || key.includes(".")) patterns.push(entry);
    else if (exact.has(key.toLowerCase())) here.fault("the key stands twice");
    else exact.set(key.toLowerCase(), entry);
  }
  const shown = keys.length > shownKeys ? [...keys.slice(0, shownKeys), `${keys.length - shownKeys} more`] : keys;

  function find(key: string, reading: FrameReading): Entry | undefined {
    const entry = exact.get(key);
    if (entry !== undefined) return entry;
    for (const candidate of patterns) {
      const match = candidate.pattern.exec(key);
      if (match === null) continue;
      reading.captured = match[1] === undefined ? "" : String(Number.parseInt(match[1], 16));
      return candidate;
    }
    return undefined;
  }

  function readEntry(reading: FrameReading, into: Making): Problem | undefined {
    if (reading.end - reading.at < bytes) return tooShort(reading, "a key", bytes);
    const begin = reading.at;
    const key = hexOf(reading.bytes, begin, begin + bytes);
    reading.watch?.begin(channelsPath, begin);
    reading.at += bytes;
    const entry = find(key, reading);
    const length = item.lengthBytes === undefined ? undefined : readLength(reading, item.lengthBytes);
    if (typeof length === "object") return length;
    reading.watch?.tell(reading.at, { kind: "key", key, ...(length !== undefined && { length }) });
    if (entry === undefined) {
      if (length === undefined) return problem(`one of the keys ${shown.join(", ")} at byte ${begin}`, key);
      const name = `unknown_${key}`;
      const value = hexOf(reading.bytes, reading.at, reading.at + length);
      reading.watch?.begin(channelsPath, reading.at);
      into[name] = value;
      reading.at += length;
      reading.watch?.tell(reading.at, { kind: "value", name, value, object: into, key: name });
      return undefined;
    }
    const object = entry.into === undefined ? into : entryOf(into, entry.into);
    if (object === undefined) return problem(`a list ${entry.into}`, "another value of that name");
    if (length === undefined) return entry.body.step(reading, object);
    const { end } = reading;
    reading.end = reading.at + length;
    const wrong = entry.body.step(reading, object);
    if (wrong !== undefined) return wrong;
    const left = reading.end - reading.at;
    reading.end = end;
    return left === 0 ? undefined : problem(`${length - left} bytes in the entry ${key}`, `${length}`);
  }

  return {
    min: 0,
    max: Infinity,
    step(reading, into) {
      const { end } = reading;
      reading.end = Math.max(reading.at, end - (tail ?? 0));
      while (reading.at < reading.end) {
        const wrong = readEntry(reading, into);
        if (wrong !== undefined) return wrong;
      }
      reading.end = end;
      return undefined;
    },
  };
}

const placeholder = /<[a-z][a-z0-9]*>/gu;

/** Bytes of a key. */
function lengthOf(key: string): number {
  return key.replaceAll(placeholder, "..").length / 2;
}

function patternOf(key: string): RegExp {
  return new RegExp(`^${key.toLowerCase().replaceAll(placeholder, "(..)")}$`, "u");
}

function readLength(reading: FrameReading, lengthBytes: 1 | 2): number | Problem {
  if (reading.end - reading.at < lengthBytes) return tooShort(reading, "a length", lengthBytes);
  const { view, at } = reading;
  const length = lengthBytes === 1 ? view.getUint8(at) : view.getUint16(at);
  reading.at = at + lengthBytes;
  return reading.end - reading.at < length ? tooShort(reading, "an entry", length) : length;
}
