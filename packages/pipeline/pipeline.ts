import { createMessage, type DecodeContext, type PayloadFormat } from "@messnetz/formats";
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
} from "@messnetz/model";
import { assessChange, type History, isOutOfRange } from "./assess.ts";
import { type ClockLimits, defaultClockLimits } from "./clock-limits.ts";
import { createDecoder } from "./decode.ts";
import { createLanes, type DeviceLanes, type Route } from "./lanes.ts";
import { normaliseTime, normaliseValue } from "./normalise.ts";
import type { Road, RoadResult } from "./road.ts";

export interface PipelineOptions {
  readonly formats: readonly PayloadFormat[];
  readonly profiles: Pick<DecodeContext, "profile">;
  readonly catalogue: Catalogue;
  readonly directory: Directory;
  readonly history: History;
  readonly clockLimits?: ClockLimits;
}

const nothing: readonly never[] = [];

/**
 * The road of a message: decode ▸ normalise ▸ assess. Value and time depend on the message alone (and registry and profiles); only the
 * marks `rate` and `stuck` depend on what came before.
 */
export function createPipeline(options: PipelineOptions): Road {
  const { catalogue, directory, history } = options;
  const limits = options.clockLimits ?? defaultClockLimits;
  const decode = createDecoder(options.formats, {
    profile: (query) => options.profiles.profile(query),
    device: (id) => directory.device(id)?.device,
  });
  const lanes = createLanes(catalogue, directory);

  function refused(reason: Refusal): RoadResult {
    return {
      device: reason.device ?? "",
      observations: nothing,
      refusals: [reason],
      receiptTimed: false,
      adopted: nothing,
    };
  }

  function observe(
    reading: Reading,
    route: Route,
    context: { receivedAt: number; revision: number; before: Ordinals },
  ) {
    const result = normaliseValue(reading, route);
    if (typeof result === "object") return result;
    const { receivedAt, before } = context;
    const when = normaliseTime(reading, { receivedAt, timeZone: route.timeZone, limits });
    if ("code" in when) return when;
    const checks = assess(reading, route, {
      result,
      time: when.time,
      receivedAt,
      isClockWrong: when.deviceTime !== undefined,
    });
    const observation: Observation = {
      datastream: route.datastream,
      phenomenonTime: when.time,
      ordinal: before.next(route.datastream, when.time),
      resultTime: receivedAt,
      result,
      quality: checks.length === 0 ? "good" : "suspect",
      checks,
      revision: context.revision,
    };
    before.observations.push(
      when.deviceTime === undefined && reading.intervalMs === undefined
        ? observation
        : {
            ...observation,
            ...(when.deviceTime !== undefined && { deviceTime: when.deviceTime }),
            ...(reading.intervalMs !== undefined && { intervalStart: when.time - reading.intervalMs }),
          },
    );
    return when;
  }

  function assess(
    reading: Reading,
    route: Route,
    now: { result: number | string; time: number; receivedAt: number; isClockWrong: boolean },
  ): readonly Check[] {
    let marks: Check[] | undefined;
    const mark = (check: Check) => (marks ??= []).push(check);
    if (typeof now.result === "number") {
      if (isOutOfRange(route.observed, now.result)) mark("range");
      if (route.plausibility !== undefined) {
        const trace = history.trace(route.datastream);
        if (trace === undefined)
          history.begin(route.datastream, { time: now.time, value: now.result, since: now.time });
        else {
          const odd = assessChange(trace, { time: now.time, value: now.result }, route.plausibility);
          if (odd !== undefined) mark(odd);
        }
      }
    }
    if (now.isClockWrong) mark("clock");
    if (now.receivedAt - now.time > limits.lateAfterMs) mark("late");
    if (reading.checks !== undefined) for (const check of reading.checks) mark(check);
    return marks ?? nothing;
  }

  return function road(raw: RawMessage): RoadResult {
    const source = directory.source(raw.source);
    if (source === undefined) return refused(refusal("foreign_device", "a credential of the registry", raw.source));
    const message = createMessage(raw);
    const chosen = decode(message, source.format);
    if ("code" in chosen) return refused(chosen);
    const { decoded, format } = chosen;
    if ("code" in decoded) return refused(decoded);
    if ("skip" in decoded)
      return {
        device: decoded.device ?? "",
        observations: nothing,
        refusals: nothing,
        receiptTimed: false,
        adopted: nothing,
      };

    const before = createOrdinals();
    let refusals: Refusal[] | undefined = decoded.refusals === undefined ? undefined : [...decoded.refusals];
    let adopted: DeviceAndThing[] | undefined;
    let receiptTimed = false;
    const revision = decoded.revision ?? format.revision;
    let device: DeviceLanes | undefined;
    let deviceId: string | undefined;
    for (const reading of decoded.readings) {
      if (device === undefined || reading.device !== deviceId) {
        deviceId = reading.device;
        device = lanes.deviceLanes(source, format.name, deviceId);
        if (!("code" in device.found) && device.isAdopted) (adopted ??= []).push(device.found);
      }
      const outcome = "code" in device.found ? device.found : lanes.lane(device, reading, source).outcome;
      const seen =
        "code" in outcome
          ? outcome
          : observe(reading, outcome, {
              receivedAt: raw.receivedAt,
              revision,
              before,
            });
      if ("code" in seen) (refusals ??= []).push({ ...seen, reading: reading.name, device: reading.device });
      else if (seen.isReceipt) receiptTimed = true;
    }
    return {
      device: decoded.readings[0]?.device ?? refusals?.[0]?.device ?? "",
      observations: before.observations,
      refusals: refusals ?? nothing,
      receiptTimed,
      adopted: adopted ?? nothing,
    };
  };
}

/** Up to here looking through a short list is quicker than hashing. */
const maxLookedThrough = 32;

interface Ordinals {
  readonly observations: Observation[];
  next(datastream: string, time: EpochMs): number;
}

/** The observations of one message: the ordinal is 0, or one more for each earlier result of the same datastream and instant. */
function createOrdinals(): Ordinals {
  const observations: Observation[] = [];
  let counts: Map<string, number> | undefined;
  return {
    observations,
    next(datastream, time) {
      if (observations.length < maxLookedThrough) {
        let ordinal = 0;
        for (const other of observations)
          if (other.datastream === datastream && other.phenomenonTime === time) ordinal++;
        return ordinal;
      }
      const keyOf = (stream: string, at: EpochMs) => `${stream}\n${at}`;
      if (counts === undefined) {
        counts = new Map();
        for (const other of observations) {
          const key = keyOf(other.datastream, other.phenomenonTime);
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
      }
      const key = keyOf(datastream, time);
      const ordinal = counts.get(key) ?? 0;
      counts.set(key, ordinal + 1);
      return ordinal;
    },
  };
}
