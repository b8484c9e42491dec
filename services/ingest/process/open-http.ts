import type { Logger, Metrics, Shutdown } from "@messnetz/runtime";
import type { Authenticator } from "../entry.ts";
import { createHttpDoor } from "../http/http-door.ts";
import { createHttpEvents } from "../http/http-events.ts";
import { readHttpDoorTls } from "../http/listener-config.ts";
import { openHttpListener } from "../http/open-http-listener.ts";
import type { Intake } from "../intake-port.ts";
import type { IngestProcessConfig } from "./config.ts";

/** The HTTP door of an ingest process, with a port of its own. Resolves when it receives. */
export async function openHttp(options: {
  readonly config: IngestProcessConfig;
  readonly intake: Intake;
  readonly authenticator: Authenticator;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly shutdown: Shutdown;
  readonly closeWithinMs: () => number;
}): Promise<void> {
  const { config, intake, authenticator, shutdown } = options;
  const events = createHttpEvents(options);
  const door = createHttpDoor({ config, intake, authenticator, events });
  const listener = await openHttpListener({
    door,
    host: config.MESSNETZ_HTTP_DOOR_HOST,
    port: config.MESSNETZ_HTTP_DOOR_PORT,
    tls: await readHttpDoorTls(config),
    maxConnections: config.MESSNETZ_MQTT_MAX_CONNECTIONS,
    maxConnectionsPerAddress: config.MESSNETZ_MQTT_MAX_CONNECTIONS_PER_ADDRESS,
    events,
  });
  shutdown.defer("HTTP listener", () => listener.close());
  shutdown.defer("HTTP door", () => door.close(options.closeWithinMs()));
}
