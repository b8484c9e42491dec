import { type DeviceAndThing, type EpochMs, type RawMessage, refusal } from "@messnetz/model";
import { type Road, type RoadResult, unknownDevice } from "@messnetz/pipeline";
import type { IngestEvents } from "./events.ts";
import type { FormatMemory } from "./format-memory.ts";

export interface Surveyed {
  /** With the time of receipt that was used. */
  readonly message: RawMessage;
  readonly result: RoadResult;
}

/** Datastreams, and topics, of which the last time of receipt is remembered. */
const maxRemembered = 100_000;
/**
 * So far a datastream may run ahead of the clock: its times would be too wrong, and whoever does it has no device that measures a thousand times a
 * second, but history to send. A clock that was set back by more begins anew.
 */
const maxAheadMs = 60_000;

/**
 * Puts a message on the road and registers what it adopts. The time of a reading without one is the time of receipt, or is told
 * from it, and two such of one datastream within a millisecond must not become one observation: the second takes the next millisecond
 * (who sends more than a thousand a second runs ahead of the clock, by a minute at most: then such messages are refused). A recalled delivery
 * keeps its first time as it is. What is not known of any datastream is not before `takenUntil`, the newest time that may have been given before a
 * restart.
 */
export function createSurvey(options: {
  readonly road: Road;
  readonly adopt: (list: readonly DeviceAndThing[]) => readonly DeviceAndThing[];
  readonly memory?: FormatMemory | undefined;
  readonly takenUntil?: EpochMs | undefined;
  readonly events: IngestEvents;
}): (raw: RawMessage, isRecalled: boolean) => Surveyed {
  const { events } = options;
  /** By datastream, the last time of receipt that a phenomenon time was told from. */
  const lastTimes = new Map<string, EpochMs>();
  /** The same by source and topic: a good guess spares the second run. */
  const topicTimes = new Map<string, EpochMs>();
  /** Of all datastreams that are not remembered. */
  let takenUntil = options.takenUntil ?? Number.NEGATIVE_INFINITY;
  let newestClock = Number.NEGATIVE_INFINITY;

  function road(message: RawMessage): RoadResult {
    try {
      return options.road(message);
    } catch (error) {
      events.roadFailed(error, message.topic);
      return faulty("", "a message that can be read", error);
    }
  }

  function withoutForeign(result: RoadResult, foreign: readonly DeviceAndThing[]): RoadResult {
    const things = new Set(foreign.map(({ thing }) => thing.id));
    const reasons = foreign.map(({ device }) => ({ ...unknownDevice(device.id), device: device.id }));
    return {
      ...result,
      observations: result.observations.filter(
        ({ datastream }) => !things.has(datastream.slice(0, datastream.indexOf("/"))),
      ),
      refusals: [...result.refusals, ...reasons],
    };
  }

  function keepMemory({ source, topic }: RawMessage, { remembered }: RoadResult): void {
    if (remembered === undefined || options.memory === undefined) return;
    const forgotten = options.memory.remember(source, remembered.format, remembered.list);
    if (forgotten > 0) events.notRemembered(topic, forgotten);
  }

  /** Nothing of a message is stored whose devices the registry fails to take. */
  function register(message: RawMessage, result: RoadResult): RoadResult {
    keepMemory(message, result);
    if (result.adopted.length === 0) return result;
    try {
      const foreign = options.adopt(result.adopted);
      return foreign.length === 0 ? result : withoutForeign(result, foreign);
    } catch (error) {
      events.adoptionFailed(error, message.topic);
      return faulty(result.device, "devices that can be adopted", error);
    }
  }

  function take(message: RawMessage, result: RoadResult): Surveyed {
    const registered = register(message, result);
    if (result.receiptTimed) {
      const { receivedAt } = message;
      for (const { datastream } of result.observations)
        takenUntil = Math.max(takenUntil, remember(lastTimes, datastream, receivedAt));
      remember(topicTimes, placeOf(message), receivedAt);
    }
    return { message, result: registered };
  }

  /** The newest time of receipt that one of the message's datastreams has been given before. */
  function newestBefore(result: RoadResult): EpochMs {
    let newest = Number.NEGATIVE_INFINITY;
    if (!result.receiptTimed) return newest;
    for (const { datastream } of result.observations) {
      const last = lastTimes.get(datastream) ?? takenUntil;
      if (last > newest) newest = last;
    }
    return newest;
  }

  function readClock(now: EpochMs): void {
    if (now < newestClock - maxAheadMs || takenUntil > Math.max(now, newestClock) + maxAheadMs) {
      lastTimes.clear();
      topicTimes.clear();
      takenUntil = Number.NEGATIVE_INFINITY;
      newestClock = now;
    }
    newestClock = Math.max(newestClock, now);
  }

  return function survey(raw, isRecalled) {
    if (isRecalled) return { message: raw, result: register(raw, road(raw)) };
    readClock(raw.receivedAt);
    const guess = topicTimes.size === 0 ? undefined : topicTimes.get(placeOf(raw));
    let message = guess !== undefined && guess >= raw.receivedAt ? { ...raw, receivedAt: guess + 1 } : raw;
    let result = road(message);
    const first = Math.max(raw.receivedAt, newestBefore(result) + 1);
    if (first > newestClock + maxAheadMs) return { message: raw, result: tooFast(result) };
    if (message.receivedAt < first || (message !== raw && first === raw.receivedAt)) {
      message = { ...raw, receivedAt: first };
      result = road(message);
    }
    return take(message, result);
  };
}

function tooFast({ device }: RoadResult): RoadResult {
  const expected =
    "readings with times of their own, or at most a thousand a second of one datastream without; give each its time and send this again";
  const came = `readings without a time, ${maxAheadMs / 1000} s of them more than time has passed`;
  const reason = refusal("invalid_time", expected, came);
  return { device, observations: [], refusals: [reason], receiptTimed: false, adopted: [] };
}

function faulty(device: string, expected: string, error: unknown): RoadResult {
  const reason = refusal("malformed", `${expected}; this is a fault of Messnetz, to be reported`, String(error));
  return { device, observations: [], refusals: [reason], receiptTimed: false, adopted: [] };
}

function placeOf(message: RawMessage): string {
  return `${message.source} ${message.topic}`;
}

/** Returns the time that had to be forgotten for it. */
function remember(times: Map<string, EpochMs>, key: string, time: EpochMs): EpochMs {
  let forgotten = Number.NEGATIVE_INFINITY;
  if (!times.has(key) && times.size >= maxRemembered) {
    const [oldest, last] = times.entries().next().value!;
    times.delete(oldest);
    forgotten = last;
  }
  times.set(key, time);
  return forgotten;
}
