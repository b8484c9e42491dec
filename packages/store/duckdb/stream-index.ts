import { type EpochMs, type Observation, parseDatastreamId } from "@messnetz/model";
import { compareText } from "../order.ts";
import type { ObservationQuery } from "../port.ts";

/** What the store knows of a datastream without looking at the table. */
export interface Stream {
  readonly id: number;
  readonly name: string;
  readonly thing: string;
  readonly property: string;
  /** The newest identity, that of a commit under way included; time is -Infinity where there is none. */
  newestTime: EpochMs;
  newestOrdinal: number;
  newestRevision: number;
  /** Every identity after this one is among the recent ones or the newest. */
  knownAfterTime: EpochMs;
  knownAfterOrdinal: number;
  /** Newest durable observation; undefined before the first commit and after all was removed. */
  latest: Observation | undefined;
  /** What `latest` becomes when the commit under way succeeds. */
  next: Observation | undefined;
  /** Observations, those of a commit under way included. */
  count: number;
  /** Whether a result may be a word. */
  words: boolean;
}

export function isAfterNewest({ newestTime, newestOrdinal }: Stream, time: EpochMs, ordinal: number): boolean {
  return time > newestTime || (time === newestTime && ordinal > newestOrdinal);
}

export function isNewest({ newestTime, newestOrdinal }: Stream, time: EpochMs, ordinal: number): boolean {
  return time === newestTime && ordinal === newestOrdinal;
}

export function isAfterKnown({ knownAfterTime, knownAfterOrdinal }: Stream, time: EpochMs, ordinal: number): boolean {
  return time > knownAfterTime || (time === knownAfterTime && ordinal > knownAfterOrdinal);
}

/** All datastreams by name, number, thing and property: queries that name few never look at the others. */
export class StreamIndex {
  readonly #byName = new Map<string, Stream>();
  readonly #byId: Stream[] = [];
  readonly #byThing = new Map<string, Stream[]>();
  #sorted: readonly Stream[] | undefined;

  find(name: string): Stream | undefined {
    return this.#byName.get(name);
  }

  at(id: number): Stream {
    const stream = this.#byId[id];
    if (stream === undefined)
      throw new Error(`expected a datastream with number ${id}, there are ${this.#byId.length}`);
    return stream;
  }

  add(id: number, name: string): Stream {
    const parts = parseDatastreamId(name);
    const stream: Stream = {
      id,
      name,
      thing: parts?.thing ?? "",
      property: parts?.property ?? "",
      newestTime: Number.NEGATIVE_INFINITY,
      newestOrdinal: 0,
      newestRevision: 0,
      knownAfterTime: Number.NEGATIVE_INFINITY,
      knownAfterOrdinal: 0,
      latest: undefined,
      next: undefined,
      count: 0,
      words: false,
    };
    this.#byName.set(name, stream);
    this.#byId[id] = stream;
    const ofThing = this.#byThing.get(stream.thing);
    if (ofThing === undefined) this.#byThing.set(stream.thing, [stream]);
    else ofThing.push(stream);
    this.#sorted = undefined;
    return stream;
  }

  all(): Iterable<Stream> {
    return this.#byName.values();
  }

  /** Datastreams with something durable that the query names, by name. */
  select({ datastreams, things, properties }: ObservationQuery): Stream[] {
    const properly = properties === undefined ? undefined : new Set(properties);
    const within = datastreams === undefined || things === undefined ? undefined : new Set(things);
    return this.#candidates(datastreams, things).filter(
      (stream) =>
        stream.latest !== undefined &&
        (properly === undefined || properly.has(stream.property)) &&
        (within === undefined || within.has(stream.thing)),
    );
  }

  #candidates(datastreams: readonly string[] | undefined, things: readonly string[] | undefined): readonly Stream[] {
    if (datastreams !== undefined) {
      return [...new Set(datastreams)].sort(compareText).flatMap((name) => this.#byName.get(name) ?? []);
    }
    if (things !== undefined) {
      const ofThings = [...new Set(things)].flatMap((thing) => this.#byThing.get(thing) ?? []);
      return ofThings.sort((a, b) => compareText(a.name, b.name));
    }
    this.#sorted ??= [...this.#byName.values()].sort((a, b) => compareText(a.name, b.name));
    return this.#sorted;
  }
}
