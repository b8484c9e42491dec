import type { EpochMs, Interval } from "@messnetz/model";
import type { Dice } from "./dice.ts";
import type { Emission, FaultLabel, Measured, Meant } from "./emission.ts";
import {
  afterExchange,
  disturbanceOf,
  duplicateTime,
  type FaultRates,
  type Faults,
  maxDelayMs,
  meterSince,
  sendingTime,
} from "./faults.ts";
import type { SimulatedDevice } from "./simulated-device.ts";

export interface EmissionOptions {
  readonly dice: Dice;
  readonly faults: FaultRates;
}

/**
 * What the devices publish in the interval, in the order of sending. The same for the same seed and rates, however the time is cut into
 * intervals.
 */
export function emissionsOf(
  devices: readonly SimulatedDevice[],
  interval: Interval,
  { dice, faults: rates }: EmissionOptions,
): Emission[] {
  const faults: Faults = { dice, rates };
  const isDelaying = rates.outage !== undefined || rates.duplicate !== undefined;
  const earliest = interval.from - (isDelaying ? maxDelayMs : 0);
  const found: Emission[] = [];
  devices.forEach((device, number) => {
    const phase = phaseOf(dice, { number, intervalMs: device.intervalMs });
    const first = Math.ceil((earliest - phase) / device.intervalMs);
    for (let tick = first, at = first * device.intervalMs + phase; at < interval.to; tick++, at += device.intervalMs) {
      for (const emission of emit(device, { tick, at }, faults)) {
        if (emission.sentAt >= interval.from && emission.sentAt < interval.to) found.push(emission);
      }
    }
  });
  return found.sort((a, b) => a.sentAt - b.sentAt);
}

/** When in its interval a device sends, in ms: so that not all of them send at once. */
export function phaseOf(dice: Dice, device: { readonly number: number; readonly intervalMs: number }): number {
  return Math.floor(dice.roll("phase", device.number) * device.intervalMs);
}

/** The frame counter of a LoRaWAN session has 32 bits; a session is renewed long before. */
const maxCount = 100_000;

function* emit(device: SimulatedDevice, when: { tick: number; at: EpochMs }, faults: Faults): Generator<Emission> {
  const { at } = when;
  const { valuesOf, clock, sentinel, labels: disturbed } = disturbanceOf(faults, device, at);
  const labels: FaultLabel[] = [...disturbed];
  let values = device.measure(valuesOf);
  if (values.length === 0) return;
  const since = meterSince(faults, device.id, valuesOf);
  if (since !== undefined && values.some(({ isRegister }) => isRegister === true)) {
    values = afterExchange(values, device.measure(since));
    if (valuesOf - since < device.intervalMs) labels.push("meter_exchange");
  }
  const shown = sentinel ? values.map((one) => withSentinel(one, device)) : values;
  const written = device.write(shown, { measuredAt: at, clock, count: when.tick % maxCount });
  const time = clock === at ? written.time : undefined;
  const sentAt = written.time === undefined ? at : sendingTime(faults, device.id, at);
  if (sentAt !== at) labels.push("late");
  const emission: Emission = {
    source: device.source,
    topic: written.topic,
    payload: written.payload,
    device: device.id,
    measuredAt: at,
    sentAt,
    meant: values.filter(({ word }) => !sentinel || word !== device.sentinel?.word).map((one) => toMeant(one, time)),
    labels,
  };
  yield emission;
  const again = duplicateTime(faults, device.id, sentAt);
  if (again !== undefined) yield { ...emission, sentAt: again, labels: [...labels, "duplicate"] };
}

function withSentinel(one: Measured, { sentinel }: SimulatedDevice): Measured {
  return one.word === sentinel?.word ? { ...one, value: sentinel.code } : one;
}

function toMeant(one: Measured, time: EpochMs | undefined): Meant {
  const { word, property, channel, unit } = one;
  return {
    word,
    property,
    value: one.means ?? one.value,
    ...(channel !== undefined && { channel }),
    ...(unit !== undefined && { unit }),
    ...(time !== undefined && { time }),
  };
}
