import type { EpochMs } from "@messnetz/model";
import type { Dice } from "./dice.ts";
import type { FaultLabel, Measured } from "./emission.ts";
import type { SimulatedDevice } from "./simulated-device.ts";
import { weatherEpoch } from "./weather.ts";

/** How often things go wrong, each as a chance from 0 to 1. What is absent does not happen. */
export interface FaultRates {
  /** A message is sent a second time: per message. */
  readonly duplicate?: number;
  /** A device is cut off for 20 minutes and then sends all at once: per device and hour. Only devices that know the time keep messages. */
  readonly outage?: number;
  /** The clock shows 1970, or more than a year ahead: per device and day. */
  readonly wrongClock?: number;
  /** The maker's code for "no value" instead of a value: per message of a device that has one. */
  readonly sentinel?: number;
  /** The values do not move: per device and day. */
  readonly stuck?: number;
  /** A meter is exchanged and begins at 0: per device and week. */
  readonly meterExchange?: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const weekMs = 7 * dayMs;
const outageMs = 20 * minuteMs;
/** How long after it was measured a message may still come. */
export const maxDelayMs = hourMs + outageMs;
const duplicateAfterMs = 2000;
/** Far enough from 0 that no format takes it for "some minutes ago". */
const clockStart = hourMs;

export interface Faults {
  readonly dice: Dice;
  readonly rates: FaultRates;
}

/** What is wrong with a device at an instant. */
export interface Disturbance {
  /** The instant whose values it shows. */
  readonly valuesOf: EpochMs;
  readonly clock: EpochMs;
  readonly sentinel: boolean;
  readonly labels: readonly FaultLabel[];
}

export function disturbanceOf({ dice, rates }: Faults, device: SimulatedDevice, at: EpochMs): Disturbance {
  const { id } = device;
  const labels: FaultLabel[] = [];
  const day = Math.floor(at / dayMs);
  const happens = (kind: string, rate: number | undefined, n: number): boolean =>
    rate !== undefined && rate > 0 && dice.roll(`${kind} ${id}`, n) < rate;

  const isStuck = happens("stuck", rates.stuck, day);
  if (isStuck) labels.push("stuck");
  let clock = at;
  if (happens("clock", rates.wrongClock, day)) {
    const is1970 = dice.roll(`clock-kind ${id}`, day) < 0.5;
    labels.push(is1970 ? "clock_1970" : "clock_future");
    clock = is1970 ? clockStart + (at % dayMs) : at + 400 * dayMs;
  }
  const sentinel = device.sentinel !== undefined && happens("sentinel", rates.sentinel, at);
  if (sentinel) labels.push("sentinel");
  return { valuesOf: isStuck ? day * dayMs : at, clock, sentinel, labels };
}

/** When a message leaves the device: at once, or when its outage is over, in order. */
export function sendingTime({ dice, rates }: Faults, id: string, at: EpochMs): EpochMs {
  if (rates.outage === undefined) return at;
  const hour = Math.floor(at / hourMs);
  if (dice.roll(`outage ${id}`, hour) >= rates.outage) return at;
  const from = hour * hourMs + dice.roll(`outage-from ${id}`, hour) * (hourMs - outageMs);
  const into = at - from;
  if (into < 0 || into >= outageMs) return at;
  return Math.floor(from + outageMs + into / 1000);
}

export function duplicateTime({ dice, rates }: Faults, id: string, sentAt: EpochMs): EpochMs | undefined {
  if (rates.duplicate === undefined || dice.roll(`duplicate ${id}`, sentAt) >= rates.duplicate) return undefined;
  return sentAt + duplicateAfterMs;
}

/** When the meter in place at `at` was put in; undefined for the first one. */
export function meterSince({ dice, rates }: Faults, id: string, at: EpochMs): EpochMs | undefined {
  if (rates.meterExchange === undefined) return undefined;
  const first = Math.floor(weatherEpoch / weekMs);
  for (let week = Math.floor(at / weekMs); week >= first; week--) {
    if (dice.roll(`exchange ${id}`, week) >= rates.meterExchange) continue;
    const since = Math.floor((week + dice.roll(`exchange-at ${id}`, week)) * weekMs);
    if (since <= at) return since;
  }
  return undefined;
}

/** What the new meter shows: registers count from its installation. */
export function afterExchange(values: readonly Measured[], atInstallation: readonly Measured[]): readonly Measured[] {
  return values.map((one) => {
    const before = atInstallation.find(({ word }) => word === one.word)?.value;
    if (one.isRegister !== true || typeof one.value !== "number" || typeof before !== "number") return one;
    return { ...one, value: Math.round((one.value - before) * 10_000) / 10_000 };
  });
}
