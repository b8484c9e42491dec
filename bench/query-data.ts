import { catalogue, conversion, datastreamId, type Interval, type Observation } from "@messnetz/model";
import { createSimulatedTown, type Instrument, type SimulatedTown } from "@messnetz/simulator";

/** A town's observations for questions: a month of everything, and a year of two devices. Pure: the same for the same size and month. */
export interface QueryData {
  readonly town: SimulatedTown;
  readonly datastreams: readonly string[];
  /** Those of two devices, a smart meter and a reservoir, that have the whole year. */
  readonly yearly: readonly string[];
  /** The month of all, and the twelve months that end with it, by UTC. */
  readonly month: Interval;
  readonly months: readonly Interval[];
  /** Between two observations of a datastream of the month at the least. */
  readonly everyMs: number;
  /** What was measured in one of the months, in the order of measuring, a few thousand at a time. */
  batches(month: Interval): Generator<Observation[]>;
}

const minuteMs = 60_000;
const seed = 40_000;
/** So many people have a little more than 10,000 datastreams. */
const inhabitants = 112_000;
const wantedDatastreams = 10_000;
const rowsPerBatch = 20_000;
/** The most that the two devices' year may be of all. */
const yearlyShare = 0.25;
const yearlyThings = ["prosumer-", "reservoir-"];
const finestMs = 1000;
const coarsestMs = 86_400_000;

/** `observations`: about how many in all. `now`: the month before it is the month of all. */
export function createQueryData(options: { readonly observations: number; readonly now: number }): QueryData {
  const town = createSimulatedTown({ seed, inhabitants });
  const months = twelveMonthsBefore(options.now);
  const month = months.at(-1)!;
  const instruments = chooseInstruments(town.instruments, month.from);
  const ofYear = yearlyThings.map((prefix) => instruments.find(({ thing }) => thing.startsWith(prefix))!);
  const year = { from: months[0]!.from, to: month.from };
  const yearEveryMs = Math.max(minuteMs, thinnest(ofYear, year, options.observations * yearlyShare));
  const inYear = ofYear.map((one) => thinned(one, { everyMs: yearEveryMs, number: 0 }));
  const left = options.observations - countIn(ofYear, { from: year.from, to: month.to }, yearEveryMs);
  const others = instruments.filter((one) => !ofYear.includes(one));
  const everyMs = thinnest(others, month, left);
  const inMonth = [...others.map((one, number) => thinned(one, { everyMs, number })), ...inYear];
  return {
    town,
    datastreams: instruments.flatMap(({ lanes }) => lanes.map(({ datastream }) => datastream)).toSorted(),
    yearly: ofYear.flatMap(({ lanes }) => lanes.map(({ datastream }) => datastream)),
    month,
    months,
    everyMs,
    batches: (of) => batchesOf(of === month ? inMonth : inYear, of),
  };
}

function twelveMonthsBefore(now: number): readonly Interval[] {
  const date = new Date(now);
  const begin = (ago: number): number => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - ago);
  return Array.from({ length: 12 }, (_, n) => ({ from: begin(12 - n), to: begin(11 - n) }));
}

/** How a value of a device becomes the result of a datastream. */
interface Lane {
  readonly word: string;
  readonly datastream: string;
  readonly isAmount: boolean;
  resultOf(value: number | string | boolean): number | string;
}

interface Laned extends Instrument {
  readonly lanes: readonly Lane[];
  /** Values of a tick in the mean: some are silent at night. */
  readonly perTick: number;
}

/** As many as have 10,000 datastreams: those that are of one district are not of one kind. */
function chooseInstruments(all: readonly Instrument[], at: number): readonly Laned[] {
  let left = wantedDatastreams;
  return all.flatMap((one) => {
    // A weekday's morning: whoever measures at all measures then.
    const lanes = lanesOf(one, at + 34 * 60 * minuteMs).slice(0, left);
    left -= lanes.length;
    return lanes.length === 0 ? [] : [{ ...one, lanes, perTick: valuesOfTick(one, lanes, at) }];
  });
}

const samples = 28;
/** Falls on another hour of each day. */
const betweenSamplesMs = 23 * 60 * minuteMs;

function valuesOfTick({ measure }: Instrument, lanes: readonly Lane[], at: number): number {
  let values = 0;
  for (let n = 0; n < samples; n++) values += Math.min(lanes.length, measure(at + n * betweenSamplesMs).length);
  return values / samples;
}

function lanesOf({ thing, measure }: Instrument, at: number): Lane[] {
  return measure(at).map(({ word, property, channel, unit }) => {
    const observed = catalogue.get(property);
    if (observed === undefined) throw new Error(`expected a property of the catalogue, came ${property}`);
    const convert = unit === undefined || unit === observed.unit ? undefined : conversion(unit, observed.unit);
    return {
      word,
      datastream: datastreamId(thing, property, channel),
      isAmount: observed.kind === "amount",
      resultOf: (value) => (typeof value === "string" ? value : (convert?.apply(Number(value)) ?? Number(value))),
    };
  });
}

function countIn(some: readonly Laned[], { from, to }: Interval, everyMs: number): number {
  return some.reduce((sum, one) => sum + (one.perTick * (to - from)) / rhythmOf(one, everyMs), 0);
}

/** Every so many ticks, so that it is not more often than asked for. */
function rhythmOf({ intervalMs }: Instrument, everyMs: number): number {
  return Math.max(1, Math.ceil(everyMs / intervalMs)) * intervalMs;
}

/** The finest rhythm that makes no more than `most` observations. */
function thinnest(some: readonly Laned[], interval: Interval, most: number): number {
  let fine = finestMs;
  let coarse = coarsestMs;
  while (coarse - fine > finestMs) {
    const middle = Math.round((fine + coarse) / 2);
    if (countIn(some, interval, middle) > most) fine = middle;
    else coarse = middle;
  }
  return coarse;
}

/** A device that leaves out ticks: `number` says which, so that not all measure at once. */
function thinned(one: Laned, { everyMs, number }: { readonly everyMs: number; readonly number: number }): Laned {
  const intervalMs = rhythmOf(one, everyMs);
  const ticks = intervalMs / one.intervalMs;
  return { ...one, intervalMs, phaseMs: one.phaseMs + (number % ticks) * one.intervalMs };
}

function* batchesOf(instruments: readonly Laned[], { from, to }: Interval): Generator<Observation[]> {
  const perMs = countIn(instruments, { from: 0, to: 1 }, 0);
  const sliceMs = Math.max(1, Math.round(rowsPerBatch / perMs));
  for (let begin = from; begin < to; begin += sliceMs) {
    const batch: Observation[] = [];
    for (const one of instruments) addMeasured(batch, one, { from: begin, to: Math.min(to, begin + sliceMs) });
    if (batch.length > 0) yield batch;
  }
}

function addMeasured(batch: Observation[], one: Laned, { from, to }: Interval): void {
  const { intervalMs, phaseMs, lanes, measure } = one;
  for (let at = Math.ceil((from - phaseMs) / intervalMs) * intervalMs + phaseMs; at < to; at += intervalMs) {
    measure(at).forEach(({ word, value }, n) => {
      const lane = lanes[n]?.word === word ? lanes[n] : lanes.find((other) => other.word === word);
      if (lane === undefined) return;
      batch.push({
        datastream: lane.datastream,
        phenomenonTime: at,
        ...(lane.isAmount && { intervalStart: at - intervalMs }),
        ordinal: 0,
        resultTime: at,
        result: lane.resultOf(value),
        quality: "good",
        checks: [],
        revision: 1,
      });
    });
  }
}
