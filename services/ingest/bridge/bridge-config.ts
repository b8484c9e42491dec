import { z } from "zod";

/** The variables of the bridge, to be spread into the schema of a service that has one. */
export const bridgeConfig = {
  MESSNETZ_BRIDGES_FILE: z
    .string()
    .min(1)
    .optional()
    .describe(
      "YAML file of the brokers that are read: their addresses, credentials, sessions and topics. Absent: none.",
    ),
  MESSNETZ_BRIDGE_SESSIONS: z
    .string()
    .transform((text) => text.split(",").flatMap((name) => name.trim() || []))
    .optional()
    .describe("Names of the sessions of that file which this process runs, separated by commas. Absent: all."),
};
