import type { Observation } from "@messnetz/model";
import type { RefusedObservation } from "../errors.ts";
import { fates } from "../tally-rows.ts";
import { type IdentityMap, identityKey, type StoredIdentity, type WantedIdentity } from "./identity-lookup.ts";
import { unspeakable } from "./line-protocol.ts";
import type { Stream, Streams } from "./streams.ts";

/** A line that is to be written: which observation, and the domain whose series it corrects. */
export interface PlannedLine {
  readonly index: number;
  readonly stream: Stream;
  readonly observation: Observation;
  readonly corrects: StoredIdentity | undefined;
}

export interface WritePlan {
  readonly fates: Uint8Array;
  readonly lines: readonly PlannedLine[];
  readonly refused: readonly RefusedObservation[];
}

/** What is known at once: which observations are newer than all of their datastream, and which must be looked up. */
export interface FirstLook {
  readonly fates: Uint8Array;
  /** Undefined for an observation that is refused. */
  readonly streamOf: readonly (Stream | undefined)[];
  readonly refused: readonly RefusedObservation[];
  /** Datastreams of which an observation is not newer than all before it. */
  readonly contested: ReadonlySet<Stream>;
  /** Identities that may be stored already. */
  readonly wanted: readonly WantedIdentity[];
}

const noId = "expected a datastream id of thing, property and channel in their short alphabets";

export function lookAt(observations: readonly Observation[], streams: Streams): FirstLook {
  const verdicts = new Uint8Array(observations.length).fill(fates.added);
  const streamOf: (Stream | undefined)[] = [];
  const refused: RefusedObservation[] = [];
  const contested = new Set<Stream>();
  const wanted: WantedIdentity[] = [];
  const newest = new Map<Stream, Observation>();
  observations.forEach((observation, index) => {
    const stream = streams.ensure(observation.datastream);
    const reason =
      stream === undefined ? `${noId}, came ${JSON.stringify(observation.datastream)}` : unspeakable(observation);
    if (stream === undefined || reason !== undefined) {
      streamOf.push(undefined);
      refused.push({ index, reason: reason ?? noId });
      return;
    }
    streamOf.push(stream);
    const { latest } = stream;
    if (stream.isUnsure || (latest !== undefined && !isAfter(observation, latest))) {
      wanted.push({ stream, time: observation.phenomenonTime, ordinal: observation.ordinal });
      contested.add(stream);
      return;
    }
    const before = newest.get(stream);
    if (before === undefined || isAfter(observation, before)) newest.set(stream, observation);
    else contested.add(stream);
  });
  return { fates: verdicts, streamOf, refused, contested, wanted };
}

/** Decides what each observation is, in the order given, and which of them is the line of its identity. */
export function decide(
  observations: readonly Observation[],
  look: FirstLook,
  stored: ReadonlyMap<Stream, IdentityMap<StoredIdentity>>,
): WritePlan {
  const { fates: verdicts, streamOf, refused, contested } = look;
  const lines: (PlannedLine | undefined)[] = [];
  const standing = new Map<Stream, IdentityMap<{ readonly revision: number; readonly line: number }>>();
  observations.forEach((observation, index) => {
    const stream = streamOf[index];
    if (stream === undefined) return;
    if (!contested.has(stream)) {
      lines.push({ index, stream, observation, corrects: undefined });
      return;
    }
    const key = identityKey(observation.phenomenonTime, observation.ordinal);
    let ofStream = standing.get(stream);
    if (ofStream === undefined) standing.set(stream, (ofStream = new Map()));
    const corrects = stored.get(stream)?.get(key);
    const before = ofStream.get(key);
    const revision = before?.revision ?? corrects?.revision;
    if (revision !== undefined && revision >= observation.revision) {
      verdicts[index] = fates.repeated;
      return;
    }
    if (revision !== undefined) verdicts[index] = fates.corrected;
    if (before !== undefined) lines[before.line] = undefined;
    ofStream.set(key, { revision: observation.revision, line: lines.length });
    lines.push({ index, stream, observation, corrects });
  });
  return { fates: verdicts, lines: lines.filter((line) => line !== undefined), refused };
}

function isAfter(a: Observation, b: Observation): boolean {
  return a.phenomenonTime > b.phenomenonTime || (a.phenomenonTime === b.phenomenonTime && a.ordinal > b.ordinal);
}
