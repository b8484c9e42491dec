export { type TownConfig, townConfigSchema } from "./config.ts";
export { openTown, type Town, type TownOptions } from "./town.ts";
