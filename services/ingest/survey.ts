import { type DeviceAndThing, type EpochMs, type RawMessage, refusal } from "@messnetz/model";
import type { Road, RoadResult } from "@messnetz/pipeline";
import type { IngestEvents } from "./events.ts";

export interface Surveyed {
  /** With the time of receipt that was used. */
  readonly message: RawMessage;
  readonly result: RoadResult;
}

/** Devices of which the last time of receipt is remembered. */
const maxDevices = 50_000;

/**
 * Puts a message on the road and registers what it adopts. A reading without a time takes the time of receipt, and two of one device
 * within a millisecond must not become one observation: the second takes the next millisecond (a device that sends more than a thousand
 * a second runs ahead of the clock). A recalled delivery keeps its first time as it is.
 */
export function createSurvey(options: {
  readonly road: Road;
  readonly adopt: (list: readonly DeviceAndThing[]) => readonly DeviceAndThing[];
  readonly events: IngestEvents;
}): (raw: RawMessage, isRecalled: boolean) => Surveyed {
  const { events } = options;
  /** By device, the last time of receipt that stands as a phenomenon time; the device used last comes last. */
  const lastTimes = new Map<string, EpochMs>();
  /** By source and topic, the device whose readings had no time: a good guess spares the second run. */
  const guesses = new Map<string, string>();

  function road(message: RawMessage): RoadResult {
    try {
      return options.road(message);
    } catch (error) {
      events.roadFailed(error, message.topic);
      const reason = refusal(
        "malformed",
        "a message that can be read; this is a fault of Messnetz, to be reported",
        String(error),
      );
      return { device: "", observations: [], refusals: [reason], receiptTimed: false, adopted: [] };
    }
  }

  function withoutForeign(result: RoadResult, foreign: readonly DeviceAndThing[]): RoadResult {
    const things = new Set(foreign.map(({ thing }) => thing.id));
    const reasons = foreign.map(({ device, thing }) => ({
      ...refusal("foreign_device", "a device whose thing is of the credential's operator", thing.id),
      device: device.id,
    }));
    return {
      ...result,
      observations: result.observations.filter(
        ({ datastream }) => !things.has(datastream.slice(0, datastream.indexOf("/"))),
      ),
      refusals: [...result.refusals, ...reasons],
    };
  }

  function take(message: RawMessage, result: RoadResult): Surveyed {
    if (result.receiptTimed) remember(message, result.device);
    if (result.adopted.length === 0) return { message, result };
    const foreign = options.adopt(result.adopted);
    return { message, result: foreign.length === 0 ? result : withoutForeign(result, foreign) };
  }

  function remember(message: RawMessage, device: string): void {
    const before = lastTimes.get(device);
    if (before === undefined && lastTimes.size >= maxDevices) lastTimes.delete(lastTimes.keys().next().value!);
    if (before === undefined || message.receivedAt > before) lastTimes.set(device, message.receivedAt);
    const place = `${message.source} ${message.topic}`;
    if (guesses.get(place) === device) return;
    if (guesses.size >= maxDevices) guesses.clear();
    guesses.set(place, device);
  }

  return function survey(raw, isRecalled) {
    if (isRecalled) return take(raw, road(raw));
    const guess = guesses.size === 0 ? undefined : guesses.get(`${raw.source} ${raw.topic}`);
    const guessed = guess === undefined ? undefined : lastTimes.get(guess);
    let message = guessed !== undefined && guessed >= raw.receivedAt ? { ...raw, receivedAt: guessed + 1 } : raw;
    let result = road(message);
    if (message !== raw && !(result.receiptTimed && result.device === guess)) {
      message = raw;
      result = road(raw);
    }
    const last = result.receiptTimed ? lastTimes.get(result.device) : undefined;
    if (last === undefined || last < message.receivedAt) return take(message, result);
    const second = { ...raw, receivedAt: last + 1 };
    return take(second, road(second));
  };
}
