import { type Check, checks, type Observation, qualities } from "./observation.ts";

/**
 * Many observations, column by column: how stores hand them out and exports take them. Row `i` is index `i` of every column.
 * Sorted by (datastream, phenomenonTime, ordinal); datastream ids compare by code unit.
 */
export interface ObservationChunk {
  readonly length: number;
  /** The datastream ids that `datastream` points into. */
  readonly datastreams: readonly string[];
  readonly datastream: Uint32Array;
  readonly phenomenonTime: Float64Array;
  /** NaN where there is none. */
  readonly intervalStart: Float64Array;
  readonly ordinal: Uint32Array;
  readonly resultTime: Float64Array;
  /** NaN where the result is a word. */
  readonly value: Float64Array;
  /** Absent where no result of the chunk is a word. */
  readonly word?: readonly (string | undefined)[];
  /** Index into `qualities`. */
  readonly quality: Uint8Array;
  /** Bit `n` is `checks[n]`. */
  readonly checks: Uint8Array;
  readonly revision: Uint32Array;
  /** NaN where there is none. */
  readonly deviceTime: Float64Array;
}

export function checksToBits(list: readonly Check[]): number {
  let bits = 0;
  for (const check of list) bits |= 1 << checks.indexOf(check);
  return bits;
}

const checksByBits: (readonly Check[])[] = Array.from({ length: 1 << checks.length }, (_, bits) =>
  checks.filter((_check, n) => (bits & (1 << n)) !== 0),
);

export function bitsToChecks(bits: number): readonly Check[] {
  return checksByBits[bits] ?? [];
}

/** Row `row` of the chunk as an observation. */
export function observationAt(chunk: ObservationChunk, row: number): Observation {
  const intervalStart = chunk.intervalStart[row]!;
  const deviceTime = chunk.deviceTime[row]!;
  return {
    datastream: chunk.datastreams[chunk.datastream[row]!]!,
    phenomenonTime: chunk.phenomenonTime[row]!,
    ordinal: chunk.ordinal[row]!,
    resultTime: chunk.resultTime[row]!,
    result: chunk.word?.[row] ?? chunk.value[row]!,
    quality: qualities[chunk.quality[row]!]!,
    checks: bitsToChecks(chunk.checks[row]!),
    revision: chunk.revision[row]!,
    ...(Number.isNaN(intervalStart) ? {} : { intervalStart }),
    ...(Number.isNaN(deviceTime) ? {} : { deviceTime }),
  };
}

/** The observations, in the order given, as one chunk. */
export function toChunk(observations: readonly Observation[]): ObservationChunk {
  const length = observations.length;
  const index = new Map<string, number>();
  const word: (string | undefined)[] = new Array<string | undefined>(length);
  const chunk = {
    length,
    datastreams: [] as string[],
    datastream: new Uint32Array(length),
    phenomenonTime: new Float64Array(length),
    intervalStart: new Float64Array(length).fill(Number.NaN),
    ordinal: new Uint32Array(length),
    resultTime: new Float64Array(length),
    value: new Float64Array(length).fill(Number.NaN),
    quality: new Uint8Array(length),
    checks: new Uint8Array(length),
    revision: new Uint32Array(length),
    deviceTime: new Float64Array(length).fill(Number.NaN),
  };
  let hasWords = false;
  observations.forEach((observation, row) => {
    let at = index.get(observation.datastream);
    if (at === undefined) {
      at = chunk.datastreams.push(observation.datastream) - 1;
      index.set(observation.datastream, at);
    }
    chunk.datastream[row] = at;
    chunk.phenomenonTime[row] = observation.phenomenonTime;
    if (observation.intervalStart !== undefined) chunk.intervalStart[row] = observation.intervalStart;
    chunk.ordinal[row] = observation.ordinal;
    chunk.resultTime[row] = observation.resultTime;
    if (typeof observation.result === "number") chunk.value[row] = observation.result;
    else {
      word[row] = observation.result;
      hasWords = true;
    }
    chunk.quality[row] = qualities.indexOf(observation.quality);
    chunk.checks[row] = checksToBits(observation.checks);
    chunk.revision[row] = observation.revision;
    if (observation.deviceTime !== undefined) chunk.deviceTime[row] = observation.deviceTime;
  });
  return hasWords ? { ...chunk, word } : chunk;
}
