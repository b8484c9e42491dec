import { isTimeZone } from "@messnetz/model";
import { logLevels } from "@messnetz/runtime";
import { z } from "zod";

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_530).default(fallback);
const program = z.string().min(1).optional();

/** The environment of a region on one machine. */
export const regionConfigSchema = z.object({
  MESSNETZ_DATA_DIR: z
    .string()
    .min(1)
    .optional()
    .describe("Folder of all data. Without it data/region, and data/region-demo for the demo."),
  MESSNETZ_TIME_ZONE: z
    .string()
    .refine(isTimeZone, "expected an IANA time zone, for example Europe/Berlin")
    .default("Europe/Berlin")
    .describe("Time zone of the region: of the days in the ledger and of local times in exports."),
  MESSNETZ_PROFILES_DIR: z.string().min(1).optional().describe("Folder with device profiles of your own."),
  MESSNETZ_MQTT_PORT: port(1883).describe("Port of Mosquitto; the doors have the ports after it. 0 takes free ones."),
  MESSNETZ_HTTP_PORT: port(8080).describe(
    "Port of the HTTP API; the HTTP doors have the ports after it. 0 takes free ones.",
  ),
  MESSNETZ_LOG_LEVEL: z.enum(logLevels).default("info").describe("Least important level in the services' log files."),
  MESSNETZ_REGION_MOSQUITTO: program.describe("Path of mosquitto. Absent: in the PATH, or Debian's, installed."),
  MESSNETZ_REGION_NATS_SERVER: program.describe(
    "Path of nats-server. Absent: in the PATH, from PyPI, by Go, Debian's.",
  ),
  MESSNETZ_REGION_INFLUXD: program.describe(
    "Path of influxd, 1.x or 2.x. Absent: in the PATH, or Debian's, installed.",
  ),
});
