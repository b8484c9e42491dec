import { z } from "zod";
import { logConfig } from "@messnetz/runtime";

/** A chance from 0 to 1. */
const chance = z.coerce.number().min(0).max(1).default(0);

export const simulatorConfig = z.strictObject({
  ...logConfig,
  MESSNETZ_SIMULATOR_URL: z.string().default("mqtt://127.0.0.1:1883").describe("Where the town publishes."),
  MESSNETZ_SIMULATOR_CREDENTIALS: z
    .string()
    .optional()
    .describe('JSON file with the secret of each credential: { "stadtwerke-senml": "..." }.'),
  MESSNETZ_SIMULATOR_SEED: z.coerce.number().int().default(1).describe("The same seed makes the same town."),
  MESSNETZ_SIMULATOR_INHABITANTS: z.coerce
    .number()
    .int()
    .min(1)
    .max(5_000_000)
    .default(40_000)
    .describe("Size of the town."),
  MESSNETZ_SIMULATOR_PAST_HOURS: z.coerce.number().min(0).default(0).describe("Begin so long ago and catch up."),
  MESSNETZ_SIMULATOR_SPEED: z.coerce
    .number()
    .positive()
    .default(1)
    .describe("Seconds of the town in a second, in the past."),
  MESSNETZ_SIMULATOR_DUPLICATE: chance.describe("Chance of a repetition, per message."),
  MESSNETZ_SIMULATOR_OUTAGE: chance.describe("Chance of 20 minutes without a connection, per device and hour."),
  MESSNETZ_SIMULATOR_WRONG_CLOCK: chance.describe("Chance of a wrong clock, per device and day."),
  MESSNETZ_SIMULATOR_SENTINEL: chance.describe('Chance of the maker\'s code for "no value", per message.'),
  MESSNETZ_SIMULATOR_STUCK: chance.describe("Chance of values that do not move, per device and day."),
  MESSNETZ_SIMULATOR_METER_EXCHANGE: chance.describe("Chance that a meter is exchanged, per meter and week."),
});
export type SimulatorConfig = z.output<typeof simulatorConfig>;
