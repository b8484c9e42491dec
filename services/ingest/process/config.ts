import { domainSchema, isTimeZone } from "@messnetz/model";
import { natsConfigSchema } from "@messnetz/nats";
import { profilesConfig, profilesKeepConfig } from "@messnetz/profiles";
import { natsRegistryConfig } from "@messnetz/registry";
import { logConfig, operationsConfig } from "@messnetz/runtime";
import { quarantineConfigSchema } from "@messnetz/store";
import { z } from "zod";
import { bridgeConfig } from "../bridge/bridge-config.ts";
import { ingestConfigSchema } from "../config.ts";
import { httpListenerConfigSchema } from "../http/listener-config.ts";

/** The environment of ingest as a process of its own, before NATS. */
export const ingestProcessConfigSchema = z.object({
  MESSNETZ_INSTANCE: z
    .string()
    .regex(/^[\w-]{1,64}$/, "expected up to 64 letters, digits, - and _")
    .default("ingest")
    .describe(
      "Name of this process, kept over restarts: its sessions and deliveries are remembered under it. No two processes may share one.",
    ),
  MESSNETZ_DOMAIN: domainSchema
    .optional()
    .describe("Domain of messages whose device is not known. Absent: `other`, which has a partition of its own."),
  MESSNETZ_DOOR: z
    .enum(["on", "off"])
    .default("on")
    .describe("Whether devices may publish to this process over MQTT (and HTTP)."),
  MESSNETZ_TIME_ZONE: z
    .string()
    .refine(isTimeZone, "expected an IANA time zone, for example Europe/Berlin")
    .default("Europe/Berlin")
    .describe("Time zone of the days in the ledger. The same for every process."),
  ...profilesConfig,
  ...profilesKeepConfig,
  ...quarantineConfigSchema.shape,
  ...bridgeConfig,
  ...ingestConfigSchema.shape,
  ...httpListenerConfigSchema.shape,
  ...natsConfigSchema.shape,
  ...natsRegistryConfig.shape,
  ...operationsConfig,
  ...logConfig,
});
export type IngestProcessConfig = z.output<typeof ingestProcessConfigSchema>;
