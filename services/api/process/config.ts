import { isTimeZone } from "@messnetz/model";
import { natsConfigSchema } from "@messnetz/nats";
import { profilesConfig, profilesKeepConfig } from "@messnetz/profiles";
import { natsRegistryConfig } from "@messnetz/registry";
import { logConfig } from "@messnetz/runtime";
import { auditConfigSchema, influxConfigSchema, quarantineConfigSchema } from "@messnetz/store";
import { z } from "zod";
import { apiConfigSchema } from "../config.ts";

/** The environment of the API as a process of its own, over NATS and InfluxDB. */
export const apiProcessConfigSchema = z.object({
  MESSNETZ_TIME_ZONE: z
    .string()
    .refine(isTimeZone, "expected an IANA time zone, for example Europe/Berlin")
    .default("Europe/Berlin")
    .describe("Time zone of the days in the ledger and of local times in exports."),
  ...profilesConfig,
  ...profilesKeepConfig,
  MESSNETZ_ADMINISTRATOR_TOKEN_FILE: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Where the first administrator's token is written, once, for its owner alone (mode 600). Without it the token is printed.",
    ),
  ...quarantineConfigSchema.shape,
  ...auditConfigSchema.shape,
  ...apiConfigSchema.shape,
  ...natsConfigSchema.shape,
  ...natsRegistryConfig.shape,
  ...influxConfigSchema.shape,
  ...logConfig,
});
export type ApiProcessConfig = z.output<typeof apiProcessConfigSchema>;
