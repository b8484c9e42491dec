import type { Device, Interval, Source, Thing } from "@messnetz/model";
import { createDice } from "./dice.ts";
import type { Emission } from "./emission.ts";
import { emissionsOf, phaseOf } from "./emissions.ts";
import { energyFleet } from "./energy-fleet.ts";
import { environmentFleet } from "./environment-fleet.ts";
import type { FaultRates } from "./faults.ts";
import type { Fleet } from "./fleet.ts";
import type { SimulatedDevice } from "./simulated-device.ts";
import { operators, sources } from "./sources.ts";
import { trafficFleet } from "./traffic-fleet.ts";
import { transitFleet } from "./transit-fleet.ts";
import { wasteFleet } from "./waste-fleet.ts";
import { wastewaterFleet } from "./wastewater-fleet.ts";
import { waterFleet } from "./water-fleet.ts";
import { createWeather } from "./weather.ts";

export interface TownOptions {
  /** The same seed makes the same town and the same readings. */
  readonly seed: number;
  /** Inhabitants: the number of things goes with it. 40,000 when absent, which makes 1,846 devices, 55 messages and 300 readings a second. */
  readonly inhabitants?: number;
}

/** A town of all domains: what the registry must know of it, and what it publishes. */
export interface SimulatedTown {
  readonly operators: readonly { readonly id: string; readonly name: string }[];
  readonly things: readonly Thing[];
  readonly devices: readonly Device[];
  /** Who publishes: one MQTT connection each. */
  readonly sources: readonly Source[];
  /** Messages of the half-open interval in the order of sending, each with what it means. Pure: it can be asked again. */
  emissions(interval: Interval, faults?: FaultRates): readonly Emission[];
  /** Who measures what, without its messages: for those who need more of it than could be sent. */
  readonly instruments: readonly Instrument[];
}

/** A device of a thing that the registry knows, as what it measures when: at `phaseMs` of each interval. */
export interface Instrument extends Pick<SimulatedDevice, "intervalMs" | "measure"> {
  /** Id of its thing. */
  readonly thing: string;
  readonly phaseMs: number;
}

const fleets: readonly Fleet[] = [
  waterFleet,
  wastewaterFleet,
  energyFleet,
  trafficFleet,
  transitFleet,
  wasteFleet,
  environmentFleet,
];
const fullSize = 40_000;

export function createSimulatedTown({ seed, inhabitants = fullSize }: TownOptions): SimulatedTown {
  const dice = createDice(seed);
  const plan = {
    dice,
    weather: createWeather(dice),
    count: (atFullSize: number) => Math.max(1, Math.round((atFullSize * inhabitants) / fullSize)),
  };
  const simulated = fleets.flatMap((fleet) => fleet(plan));
  const things = new Map<string, Thing>();
  const devices = new Map<string, Device>();
  const instruments: Instrument[] = [];
  simulated.forEach(({ id, thing, registration, intervalMs, measure }, number) => {
    if (thing === undefined) return;
    things.set(thing.id, thing);
    devices.set(id, { id, thing: thing.id, ...registration });
    instruments.push({ thing: thing.id, intervalMs, phaseMs: phaseOf(dice, { number, intervalMs }), measure });
  });
  return {
    operators,
    things: [...things.values()],
    devices: [...devices.values()],
    sources,
    instruments,
    emissions: (interval, faults = {}) => emissionsOf(simulated, interval, { dice, faults }),
  };
}
