import {
  type CodecRunner,
  createFrameDecoder,
  createMessage,
  type DecodeContext,
  type JsonValue,
  type PayloadFormat,
} from "@messnetz/formats";
import {
  type Catalogue,
  type Check,
  type DeviceAndThing,
  type Directory,
  type EpochMs,
  type Observation,
  type RawMessage,
  type Reading,
  type Refusal,
  refusal,
  type Source,
} from "@messnetz/model";
import { assessChange, type History, isOutOfRange } from "./assess.ts";
import { type ClockLimits, defaultClockLimits } from "./clock-limits.ts";
import { createDecoder, type DecodeScope } from "./decode.ts";
import { createLanes, type DeviceLanes, type Route } from "./lanes.ts";
import { normaliseValue } from "./normalise.ts";
import { aboutReading, aftermathOf, deliveryOf, firstOf } from "./outcome.ts";
import { createTimePlacer } from "./place-time.ts";
import type { Delivery, ReadingSeen, Road, RoadResult } from "./road.ts";

export interface PipelineOptions {
  readonly formats: readonly PayloadFormat[];
  readonly profiles: Pick<DecodeContext, "profile">;
  /** Runs the codecs of profiles that bring one; without it their frames are refused. */
  readonly codecs?: CodecRunner;
  readonly catalogue: Catalogue;
  readonly directory: Directory;
  readonly history: History;
  /** What a format asked to be remembered of a source before; without it formats remember nothing. */
  readonly recall?: (source: string, format: string, key: string) => JsonValue | undefined;
  /** Whether a delivery has come before; absent (a replay, an explanation): none has. */
  readonly isCopy?: (delivery: Delivery) => boolean;
  readonly clockLimits?: ClockLimits;
  /** Told of every reading that a format found, by whoever shows what becomes of a message. */
  readonly watch?: (seen: ReadingSeen) => void;
}

const nothing: readonly never[] = [];

/**
 * The road of a message: decode ▸ normalise ▸ assess. Value and time depend on the message alone (and registry and profiles); only the
 * marks `rate` and `stuck` depend on what came before.
 */
export function createPipeline(options: PipelineOptions): Road {
  const { catalogue, directory, history, watch } = options;
  const limits = options.clockLimits ?? defaultClockLimits;
  const lookups: Pick<DecodeContext, "profile" | "device"> = {
    profile: (query) => options.profiles.profile(query),
    device: (id) => directory.device(id)?.device,
  };
  const scope: DecodeScope = { source: "", format: "" };
  const decode = createDecoder(
    options.formats,
    {
      ...lookups,
      decodeFrame: createFrameDecoder(lookups, options.codecs),
      state: (key) => options.recall?.(scope.source, scope.format, key),
    },
    { scope, isCopy: options.isCopy },
  );
  const lanes = createLanes(catalogue, directory);
  const placeTime = createTimePlacer(limits);

  /** The id as the registry has it, where it is a device of the source's operator; empty otherwise. */
  function ownDevice(id: string | undefined, source: Source): string {
    const known = id === undefined ? undefined : directory.device(id);
    return known !== undefined && known.thing.operator === source.operator ? known.device.id : "";
  }

  function without(device: string, refusals: readonly Refusal[]): RoadResult {
    return { device, observations: nothing, refusals, receiptTimed: false, adopted: nothing };
  }

  /** Adds the observation to the run, or gives back why it cannot be one. Objects are spared: this runs for every reading of a town. */
  function observe(reading: Reading, route: Route, run: Run): Refusal | undefined {
    const result = normaliseValue(reading, route);
    if (typeof result === "object") return result;
    const { receivedAt } = run;
    let instant = plainInstant(reading, receivedAt);
    let deviceTime: EpochMs | undefined;
    if (instant === undefined) {
      const when = placeTime(reading, route.timeZone, receivedAt);
      if ("code" in when) return when;
      instant = when.time;
      deviceTime = when.deviceTime;
      if (when.isReceipt) run.receiptTimed = true;
    }
    const checks = assess(reading, {
      route,
      result,
      time: instant,
      receivedAt,
      isClockWrong: deviceTime !== undefined,
    });
    const observation: Observation = {
      datastream: route.datastream,
      phenomenonTime: instant,
      ordinal: nextOrdinal(run, route.datastream, instant),
      resultTime: receivedAt,
      result,
      quality: checks.length === 0 ? "good" : "suspect",
      checks,
      revision: run.revision,
    };
    run.observations.push(
      deviceTime === undefined && reading.intervalMs === undefined
        ? observation
        : {
            ...observation,
            ...(deviceTime !== undefined && { deviceTime }),
            ...(reading.intervalMs !== undefined && { intervalStart: instant - reading.intervalMs }),
          },
    );
    return undefined;
  }

  /** The instant of a reading that has a believable one; the common case, without the objects of the others. */
  function plainInstant({ time }: Reading, receivedAt: EpochMs): EpochMs | undefined {
    if (time === undefined || !("instant" in time)) return undefined;
    const instant = Math.floor(time.instant);
    return instant >= limits.earliest && instant <= receivedAt + limits.maxAheadMs ? instant : undefined;
  }

  function assess(reading: Reading, now: Assessed): readonly Check[] {
    let marks: readonly Check[] = nothing;
    const { route, result } = now;
    if (typeof result === "number") {
      if (isOutOfRange(route.observed, result)) marks = [...marks, "range"];
      const change = route.plausibility === undefined ? undefined : assessAgainstHistory(route, now.time, result);
      if (change !== undefined) marks = [...marks, change];
    }
    if (now.isClockWrong) marks = [...marks, "clock"];
    if (now.receivedAt - now.time > limits.lateAfterMs) marks = [...marks, "late"];
    return reading.checks === undefined ? marks : [...marks, ...reading.checks];
  }

  function assessAgainstHistory(route: Route, time: EpochMs, value: number): Check | undefined {
    const trace = history.trace(route.datastream);
    if (trace !== undefined) return assessChange(trace, { time, value }, route.plausibility!);
    history.begin(route.datastream, { time, value, since: time });
    return undefined;
  }

  return function road(raw: RawMessage): RoadResult {
    const source = directory.source(raw.source);
    if (source === undefined) {
      return without("", [refusal("foreign_device", "a credential of the registry", raw.source)]);
    }
    const message = createMessage(raw);
    const chosen = decode(message, source);
    if ("code" in chosen) return without("", [chosen]);
    const { decoded, format } = chosen;
    if ("code" in decoded) return { ...without(ownDevice(decoded.device, source), [decoded]), ...deliveryOf(chosen) };
    const after = aftermathOf(decoded, chosen);
    if ("skip" in decoded) return { ...without(ownDevice(decoded.device, source), nothing), ...after };

    const run: Run = {
      receivedAt: raw.receivedAt,
      revision: decoded.revision ?? format.revision,
      observations: [],
      ordinals: undefined,
      receiptTimed: false,
    };
    let refusals: Refusal[] | undefined = decoded.refusals === undefined ? undefined : [...decoded.refusals];
    let adopted: DeviceAndThing[] | undefined;
    let device: DeviceLanes | undefined;
    let deviceId: string | undefined;
    let firstFound = "";
    for (const reading of decoded.readings) {
      if (device === undefined || reading.device !== deviceId) {
        deviceId = reading.device;
        device = lanes.deviceLanes(source, format.name, deviceId);
        if (!("code" in device.found)) {
          if (device.isAdopted) (adopted ??= []).push(device.found);
          if (firstFound === "") firstFound = device.found.device.id;
        }
      }
      const outcome = "code" in device.found ? device.found : lanes.lane(device, reading, source).outcome;
      const reason = "code" in outcome ? outcome : observe(reading, outcome, run);
      if (reason !== undefined) (refusals ??= []).push(aboutReading(reason, reading));
      watch?.({ reading, outcome, came: reason ?? run.observations.at(-1)! });
    }
    return {
      device: firstFound === "" ? ownDevice(refusals?.[0]?.device, source) : firstFound,
      observations: run.observations,
      refusals: refusals === undefined ? nothing : firstOf(refusals),
      receiptTimed: run.receiptTimed,
      adopted: adopted ?? nothing,
      ...after,
    };
  };
}

/** What one message has come to so far. */
interface Run {
  readonly receivedAt: EpochMs;
  readonly revision: number;
  readonly observations: Observation[];
  /** Results so far by datastream and instant; only for long messages. */
  ordinals: Map<string, number> | undefined;
  receiptTimed: boolean;
}

interface Assessed {
  readonly route: Route;
  readonly result: number | string;
  readonly time: EpochMs;
  readonly receivedAt: EpochMs;
  readonly isClockWrong: boolean;
}

/** Up to here looking through a short list is quicker than hashing. */
const maxLookedThrough = 32;

/** 0, or one more for each earlier result of the message for the same datastream and instant. */
function nextOrdinal(run: Run, datastream: string, time: EpochMs): number {
  const { observations } = run;
  if (observations.length < maxLookedThrough) {
    let ordinal = 0;
    for (const other of observations) if (other.datastream === datastream && other.phenomenonTime === time) ordinal++;
    return ordinal;
  }
  const keyOf = (stream: string, at: EpochMs) => `${stream} ${at}`;
  if (run.ordinals === undefined) {
    run.ordinals = new Map();
    for (const other of observations) {
      const key = keyOf(other.datastream, other.phenomenonTime);
      run.ordinals.set(key, (run.ordinals.get(key) ?? 0) + 1);
    }
  }
  const key = keyOf(datastream, time);
  const ordinal = run.ordinals.get(key) ?? 0;
  run.ordinals.set(key, ordinal + 1);
  return ordinal;
}
