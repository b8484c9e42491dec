export { type Emission, type FaultLabel, faultLabels, type Meant } from "./emission.ts";
export type { FaultRates } from "./faults.ts";
export { type DemoAccess, describeTrying, putGuest } from "./guest.ts";
export { runSimulator, type SimulatorOptions, type SimulatorResult } from "./run-simulator.ts";
export { createSimulatedTown, type Instrument, type SimulatedTown, type TownOptions } from "./simulated-town.ts";
