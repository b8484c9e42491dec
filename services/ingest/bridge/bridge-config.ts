import { ConfigError } from "@messnetz/runtime";
import { z } from "zod";
import { type BridgePlan, readBridgeFile } from "./bridge-file.ts";

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

/** What this process is to read. Rejects with a `BridgeFileError` or `ConfigError` that names every mistake. */
export async function readBridgePlans(config: {
  readonly MESSNETZ_BRIDGES_FILE?: string | undefined;
  readonly MESSNETZ_BRIDGE_SESSIONS?: readonly string[] | undefined;
}): Promise<readonly BridgePlan[]> {
  const { MESSNETZ_BRIDGES_FILE: file, MESSNETZ_BRIDGE_SESSIONS: only } = config;
  if (file !== undefined) return readBridgeFile(file, only);
  if (only === undefined) return [];
  throw new ConfigError([
    { variable: "MESSNETZ_BRIDGES_FILE", expected: "a file beside MESSNETZ_BRIDGE_SESSIONS", came: "nothing" },
  ]);
}
