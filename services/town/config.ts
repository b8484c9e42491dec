import { apiConfigSchema } from "@messnetz/api";
import { bridgeConfig, ingestConfigSchema } from "@messnetz/ingest";
import { isTimeZone } from "@messnetz/model";
import { profilesConfig } from "@messnetz/profiles";
import { logConfig } from "@messnetz/runtime";
import { quarantineConfigSchema, retentionConfigSchema } from "@messnetz/store";
import { z } from "zod";

const count = z.coerce.number().int().min(1);

/** The environment of a town: door, API and log together, and what they share. */
export const townConfigSchema = z.object({
  MESSNETZ_DATA_DIR: z
    .string()
    .min(1)
    .optional()
    .describe("Folder of all data. Without it data/town, and data/demo for the demo town."),
  MESSNETZ_TIME_ZONE: z
    .string()
    .refine(isTimeZone, "expected an IANA time zone, for example Europe/Berlin")
    .default("Europe/Berlin")
    .describe("Time zone of the town: of the days in the ledger and of local times in exports."),
  ...profilesConfig,
  MESSNETZ_STORE_MEMORY_MB: count
    .default(384)
    .describe("Memory that the embedded store may use, in MB. The process needs about 400 MB beside it."),
  MESSNETZ_STORE_THREADS: count.default(1).describe("Threads of the embedded store."),
  ...quarantineConfigSchema.shape,
  MESSNETZ_MONTH_GRACE_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .default(3)
    .describe("Days after the end of a month (of UTC) at which the store closes it into files."),
  MESSNETZ_MONTH_RENEWAL_DAYS: count
    .default(7)
    .describe("Days after which a closed month takes up what came late for it, as its next revision."),
  ...retentionConfigSchema.shape,
  ...apiConfigSchema.shape,
  ...ingestConfigSchema.shape,
  ...bridgeConfig,
  ...logConfig,
});
export type TownConfig = z.output<typeof townConfigSchema>;
