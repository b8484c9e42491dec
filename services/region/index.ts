export type { BridgedSource } from "./bridges.ts";
export type { MosquittoAccount } from "./mosquitto.ts";
export type { Part } from "./part.ts";
export type { Program } from "./program.ts";
export { findPrograms, type Programs } from "./programs.ts";
export { openRegion } from "./region.ts";
export type { Region, RegionEvent, RegionOptions, SimulatorPlan } from "./region-options.ts";
export { type Sector, sectors } from "./sectors.ts";
export { RegionTroubleError } from "./trouble.ts";
