import { datastreamId, isChannel, type Observation, parseDatastreamId, thingIdSchema } from "@messnetz/model";
import { compareText } from "../order.ts";
import type { ObservationQuery } from "../port.ts";
import { isIdentifier } from "./influxql.ts";
import { seriesPrefix } from "./line-protocol.ts";

/** What is in memory of a datastream. */
export interface Stream {
  readonly id: string;
  readonly thing: string;
  readonly property: string;
  readonly channel: string | undefined;
  /** The newest observation; undefined while none is stored. */
  latest: Observation | undefined;
  /** A write of it ended without an answer: more may be stored than `latest` says. */
  isUnsure: boolean;
  /** The tag that its newest observation had when the server was asked. */
  learnedDomain: string;
  /** Begin of its lines, for the domain that it was last written with. */
  prefix: string;
  domain: string;
}

/** The datastreams by id, and what a query names of them in the order of reading. */
export interface Streams {
  get(id: string): Stream | undefined;
  /** Undefined for what is no datastream id: it shall never become a part of a line or a statement. */
  ensure(id: string): Stream | undefined;
  /** Whether a datastream of the same thing and property with a channel is known. */
  hasChannels(stream: Stream): boolean;
  ofSeries(property: string, thing: string, channel: string | undefined): Stream | undefined;
  /** Sorted by id; those that have an observation. */
  select(query: ObservationQuery): readonly Stream[];
  /** Takes the observation for the newest where it is; a higher revision of the same identity is newer. */
  observe(stream: Stream, observation: Observation): void;
  forget(stream: Stream): void;
}

const domainPattern = /^[a-z][a-z0-9_-]{0,31}$/;

export function createStreams(): Streams {
  const byId = new Map<string, Stream>();
  const withChannels = new Set<string>();
  let sorted: readonly Stream[] | undefined;

  const ensure = (id: string): Stream | undefined => {
    const known = byId.get(id);
    if (known !== undefined) return known;
    const parsed = parseDatastreamId(id);
    if (parsed === undefined || !isIdentifier(parsed.property) || !thingIdSchema.safeParse(parsed.thing).success)
      return undefined;
    const { thing, property, channel } = parsed;
    const stream: Stream = {
      id,
      thing,
      property,
      channel,
      latest: undefined,
      isUnsure: false,
      learnedDomain: "",
      prefix: seriesPrefix({ property, thing, channel, domain: "" }),
      domain: "",
    };
    byId.set(id, stream);
    if (channel !== undefined) withChannels.add(datastreamId(thing, property));
    return stream;
  };

  return {
    get: (id) => byId.get(id),
    ensure,
    hasChannels: ({ thing, property }) => withChannels.has(datastreamId(thing, property)),
    ofSeries: (property, thing, channel) =>
      channel === undefined || isChannel(channel) ? ensure(datastreamId(thing, property, channel)) : undefined,
    select(query) {
      sorted ??= [...byId.values()]
        .filter(({ latest }) => latest !== undefined)
        .sort((a, b) => compareText(a.id, b.id));
      if (query.datastreams === undefined && query.things === undefined && query.properties === undefined)
        return sorted;
      const { datastreams, things, properties } = query;
      const sets = {
        ...(datastreams === undefined ? {} : { datastreams: new Set(datastreams) }),
        ...(things === undefined ? {} : { things: new Set(things) }),
        ...(properties === undefined ? {} : { properties: new Set(properties) }),
      };
      return sorted.filter(
        ({ id, thing, property }) =>
          sets.datastreams?.has(id) !== false &&
          sets.things?.has(thing) !== false &&
          sets.properties?.has(property) !== false,
      );
    },
    observe(stream, observation) {
      const { latest } = stream;
      if (latest === undefined) sorted = undefined;
      else if (!isNewer(observation, latest)) return;
      stream.latest = observation;
    },
    forget(stream) {
      stream.latest = undefined;
      sorted = undefined;
    },
  };
}

function isNewer(a: Observation, b: Observation): boolean {
  return (a.phenomenonTime - b.phenomenonTime || a.ordinal - b.ordinal || a.revision - b.revision) > 0;
}

/** The tag of a domain; `other` for what is no word. */
export function domainTag(domain: string): string {
  return domainPattern.test(domain) ? domain : "other";
}

/** The begin of the stream's lines with this tag; without it where it is empty. */
export function prefixIn(stream: Stream, domain: string): string {
  if (stream.domain !== domain) {
    stream.domain = domain;
    stream.prefix = seriesPrefix(stream);
  }
  return stream.prefix;
}
