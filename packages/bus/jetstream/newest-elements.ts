import { isAscii } from "node:buffer";
import type { Observation } from "@messnetz/model";
import { decodeBusMessage, type EncodedBusMessage, toObservation } from "./decode-bus-message.ts";
import { busHeaders, observationSchemaName } from "./observation-stream.ts";
import { readReceivedRows } from "./received-rows.ts";

/** Of many messages what may be the newest observation of each datastream. */
export interface NewestElements {
  /** What cannot be read is left out: the writer tells of it. */
  add(message: EncodedBusMessage): void;
  /** Without those for which a later time has come since the last call; of one time all. */
  take(): Observation[];
}

/** Where an element stands in the text of its message. */
interface Place {
  readonly text: string;
  readonly at: number;
  readonly end: number;
}

/** An element of a message: as it was decoded, or not read yet. */
type Element = Observation | Place;

interface Newest {
  phenomenonTime: number;
  /** Undefined since it was taken. */
  element: Element | undefined;
}

/** Datastreams whose place is kept. */
const maxKept = 200_000;

/** How each element begins that this bus writes, and what follows its datastream. Neither can stand inside of a text, where quotes are escaped. */
const begin = '{"datastream":"';
const afterDatastream = '","phenomenonTime":';
const between = `},${begin}`;
const digitZero = 0x30;
const digitNine = 0x39;

/**
 * Newest values are asked for now and then, and the bus brings thousands of others meanwhile: only those that are taken are made into observations. Of
 * a message that is not as this bus writes it all is read. `onBroken`: one that is broken may have stood in the place of one that is not; only somebody
 * else can have written it.
 */
export function createNewestElements(onBroken: () => void): NewestElements {
  const newest = new Map<string, Newest>();
  /** Those with an element. */
  let waiting: Newest[] = [];
  let sameTime: Element[] = [];
  /** Of each element of a message four numbers: where it begins, where its datastream and where itself ends, its time. */
  const places: number[] = [];

  function put(datastream: string, phenomenonTime: number, element: Element): void {
    const known = newest.get(datastream);
    if (known === undefined) {
      const made = { phenomenonTime, element };
      // A copy: a part of a text keeps all of it in memory.
      newest.set(Buffer.from(datastream).toString(), made);
      waiting.push(made);
      return;
    }
    if (known.element !== undefined && phenomenonTime < known.phenomenonTime) return;
    if (known.element === undefined) waiting.push(known);
    else if (phenomenonTime === known.phenomenonTime) sameTime.push(known.element);
    known.element = element;
    known.phenomenonTime = phenomenonTime;
  }

  /** False, and nothing put, where the message is not as this bus writes. */
  function addWritten({ headers, payload }: EncodedBusMessage): boolean {
    if (headers.get(busHeaders.schema) !== observationSchemaName || !isAscii(payload)) return false;
    const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("latin1");
    places.length = 0;
    if (!findElements(text, places)) return false;
    // Where the rows do not fit, the message is kept as poison and not stored.
    const rows = readReceivedRows(headers.get(busHeaders.messages), places.length / placesEach);
    if (typeof rows === "string") return false;
    for (let place = 0; place < places.length; place += placesEach) {
      const at = places[place]!;
      const datastream = text.slice(at + begin.length, places[place + 1]);
      put(datastream, places[place + 3]!, { text, at, end: places[place + 2]! });
    }
    return true;
  }

  return {
    add(message) {
      if (addWritten(message)) return;
      const decoded = decodeBusMessage(message);
      if (decoded.poison !== undefined) return;
      for (const one of decoded.observations) put(one.datastream, one.phenomenonTime, one);
    },
    take() {
      const elements = sameTime;
      for (const one of waiting) {
        if (one.element !== undefined) elements.push(one.element);
        one.element = undefined;
      }
      waiting = [];
      sameTime = [];
      if (newest.size > maxKept) newest.clear();
      const read = readAll(elements);
      if (read.length < elements.length) onBroken();
      return read;
    },
  };
}

const placesEach = 4;

/** What stands behind the time of an element is looked at when it is taken. */
function findElements(text: string, places: number[]): boolean {
  if (!text.startsWith(`[${begin}`) || !text.endsWith("}]")) return false;
  for (let at = 1, end = 0; at < text.length; at = end + 1) {
    const next = text.indexOf(between, at);
    end = next < 0 ? text.length - 1 : next + 1;
    const idEnd = text.indexOf('"', at + begin.length);
    if (!text.startsWith(afterDatastream, idEnd)) return false;
    const timeAt = idEnd + afterDatastream.length;
    let place = timeAt;
    let time = 0;
    for (let code = text.charCodeAt(place); code >= digitZero && code <= digitNine; code = text.charCodeAt(++place))
      time = time * 10 + (code - digitZero);
    if (place === timeAt || text[place] !== ",") return false;
    places.push(at, idEnd, end, time);
  }
  return true;
}

function readAll(elements: readonly Element[]): Observation[] {
  const texts: string[] = [];
  const read: Observation[] = [];
  for (const one of elements) {
    if ("text" in one) texts.push(one.text.slice(one.at, one.end));
    else read.push(one);
  }
  for (const one of parseAll(texts)) {
    const observation = toObservation(one);
    if (typeof observation !== "string") read.push(observation);
  }
  return read;
}

/** One by one where one of them is broken: somebody else wrote it. */
function parseAll(texts: readonly string[]): readonly unknown[] {
  try {
    return JSON.parse(`[${texts.join(",")}]`) as readonly unknown[];
  } catch {
    return texts.flatMap((text) => parseOne(text) ?? []);
  }
}

function parseOne(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
