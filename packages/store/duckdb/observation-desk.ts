import type { EpochMs, Observation } from "@messnetz/model";
import type { Dictionary } from "./dictionary.ts";
import type { HotDesk, MonthWriters } from "./hot-desk.ts";
import { deleteCorrected, findIdentities, type KnownIdentity, type Lookup } from "./identity-lookup.ts";
import { type Identity, IdentityLog } from "./identity-log.ts";
import { type MonthState, touch } from "./layout.ts";
import { type Month, monthOf, monthStart } from "./month.ts";
import { addObservation } from "./observation-columns.ts";
import type { RecentIdentities } from "./recent-identities.ts";
import { isAfterKnown, isAfterNewest, isNewest, type Stream, type StreamIndex } from "./stream-index.ts";

/** How far from its receipt an observation may be to count as timely. */
const timelyPastMs = 900_000;
const timelyFutureMs = 60_000;

/** Decides which observations are new, corrections or repeats, and stages the rows of one commit. */
export interface ObservationDesk {
  /** First: finds the datastreams, and asks the tables about identities that memory cannot decide. */
  prepare(lists: Iterable<readonly Observation[]>): Promise<void>;
  /** Then, in the same order of observations: stages what is new. */
  stage(observation: Observation): "added" | "corrected" | "repeated";
  /** Inside the transaction. */
  append(): Promise<void>;
  /** After the commit: what was staged is durable. */
  settle(): void;
  close(): void;
}

interface Parts {
  readonly lookup: Lookup;
  readonly hot: HotDesk;
  readonly streams: StreamIndex;
  readonly names: Dictionary;
  readonly recent: RecentIdentities;
}

function isTimely({ resultTime, phenomenonTime }: Observation): boolean {
  const age = resultTime - phenomenonTime;
  return age <= timelyPastMs && age >= -timelyFutureMs;
}

/** The month of the observation before, whose tables are likely those of the next one. */
interface Place {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly state: MonthState;
  readonly writers: MonthWriters;
}

/** Gathers the months of times that mostly are of one. */
function createMonthSet() {
  const months = new Set<Month>();
  let from: EpochMs = Number.NaN;
  let to: EpochMs = Number.NaN;
  return {
    months,
    add(time: EpochMs): void {
      if (time >= from && time < to) return;
      const month = monthOf(time);
      months.add(month);
      from = monthStart(month);
      to = monthStart(month + 1);
    },
  };
}

export function createObservationDesk({ lookup, hot, streams, names, recent }: Parts): ObservationDesk {
  const { layout } = lookup;
  let place: Place | undefined;
  /** The datastream of each prepared observation, in order. */
  let prepared: Stream[] = [];
  let next = 0;
  let touched: Stream[] = [];
  /** Identities that the tables were asked for and do not have. */
  const absent = new IdentityLog();
  let corrections: KnownIdentity[] = [];

  function streamOf(name: string): Stream {
    return streams.find(name) ?? streams.add(names.idOf(name), name);
  }

  /** Undefined: not there. "unsure": only the tables know. */
  function revisionOf(stream: Stream, { phenomenonTime: time, ordinal }: Observation): number | undefined | "unsure" {
    if (isAfterNewest(stream, time, ordinal)) return undefined;
    if (isNewest(stream, time, ordinal)) return stream.newestRevision;
    const revision = recent.revisionOf(stream.id, time, ordinal);
    if (revision !== undefined || isAfterKnown(stream, time, ordinal)) return revision;
    return absent.get(stream.id, time, ordinal) === undefined ? "unsure" : undefined;
  }

  function remember(stream: Stream, observation: Observation): void {
    const { phenomenonTime: time, ordinal, revision, result } = observation;
    recent.remember(stream.id, observation);
    if (stream.next === undefined) {
      stream.next = stream.latest ?? observation;
      touched.push(stream);
    }
    if (typeof result === "string") stream.words = true;
    if (!isNewest(stream, time, ordinal) && !isAfterNewest(stream, time, ordinal)) return;
    stream.newestTime = time;
    stream.newestOrdinal = ordinal;
    stream.newestRevision = revision;
    stream.next = observation;
  }

  function placeOf(time: EpochMs): Place {
    if (place !== undefined && time >= place.from && time < place.to) return place;
    const state = layout.ensure(monthOf(time));
    place = { from: state.from, to: state.to, state, writers: hot.writersOf(state.month) };
    return place;
  }

  function add(stream: Stream, observation: Observation): void {
    const { result, phenomenonTime } = observation;
    const { state, writers } = placeOf(phenomenonTime);
    touch(state, stream.id);
    const { timely, late, spoken } = writers;
    if (typeof result === "string") {
      spoken.columns.result.set(addObservation(spoken, stream.id, observation), result);
    } else {
      const table = isTimely(observation) ? timely : late;
      table.columns.result.set(addObservation(table, stream.id, observation), result);
    }
  }

  function reset(): void {
    place = undefined;
    prepared = [];
    next = 0;
    touched = [];
    corrections = [];
    absent.clear();
  }

  return {
    async prepare(lists) {
      const unsure: Identity[] = [];
      const times = createMonthSet();
      for (const observations of lists) {
        for (const observation of observations) {
          const stream = streamOf(observation.datastream);
          prepared.push(stream);
          const { phenomenonTime, ordinal } = observation;
          times.add(phenomenonTime);
          const revision = revisionOf(stream, observation);
          if (revision === "unsure") unsure.push({ stream: stream.id, phenomenonTime, ordinal });
          // It may not be the newest any more when its turn comes.
          else if (isNewest(stream, phenomenonTime, ordinal))
            recent.remember(stream.id, { phenomenonTime, ordinal, revision: stream.newestRevision });
        }
      }
      await hot.prepare(times.months);
      if (unsure.length === 0) return;
      for (const known of await findIdentities(lookup, unsure)) recent.remember(known.stream, known);
      for (const identity of unsure) {
        const { stream, phenomenonTime, ordinal } = identity;
        if (recent.revisionOf(stream, phenomenonTime, ordinal) === undefined) absent.add(stream, identity, 0);
      }
    },

    stage(observation) {
      const stream = prepared[next++]!;
      const revision = revisionOf(stream, observation);
      if (revision === "unsure")
        throw new Error(`expected ${observation.datastream} to be prepared in the order of staging`);
      if (revision !== undefined && observation.revision <= revision) return "repeated";
      add(stream, observation);
      if (revision === undefined) stream.count += 1;
      else corrections.push({ ...observation, stream: stream.id });
      remember(stream, observation);
      return revision === undefined ? "added" : "corrected";
    },

    async append() {
      await hot.append();
      if (corrections.length > 0) await deleteCorrected(lookup, corrections);
    },

    settle() {
      for (const stream of touched) {
        stream.latest = stream.next;
        stream.next = undefined;
      }
      hot.settle();
      reset();
      recent.age();
    },

    close: hot.close,
  };
}
