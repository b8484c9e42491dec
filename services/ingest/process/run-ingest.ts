import { connectNats, readNatsAccess } from "@messnetz/nats";
import {
  ConfigError,
  createHealth,
  createLogger,
  createMetrics,
  createShutdown,
  loadConfig,
  openOperationsServer,
} from "@messnetz/runtime";
import { assertSafeDoor } from "../binding.ts";
import { readBridgePlans } from "../bridge/bridge-config.ts";
import type { BridgePlan } from "../bridge/bridge-file.ts";
import { assertSafeHttpDoor } from "../http/listener-config.ts";
import { type IngestProcessConfig, ingestProcessConfigSchema } from "./config.ts";
import { createProcessEvents } from "./events.ts";
import { openIngest } from "./open-ingest.ts";

const closeStepMs = 15_000;
const healthTimeoutMs = 5000;

/** Runs door and bridges before NATS until SIGTERM. Waits for NATS where it is not there yet; health and metrics answer from the beginning. */
export async function runIngest(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const config = loadConfig(ingestProcessConfigSchema, env);
  const access = await readNatsAccess(config);
  const plans = await readPlans(config);
  if (config.MESSNETZ_DOOR === "on") assertSafeDoor(config);
  if (config.MESSNETZ_DOOR === "on" && config.MESSNETZ_HTTP_DOOR === "on") assertSafeHttpDoor(config);

  const log = createLogger({ service: "ingest", form: config.MESSNETZ_LOG, level: config.MESSNETZ_LOG_LEVEL });
  const metrics = createMetrics({ process: true });
  const health = createHealth({ timeoutMs: healthTimeoutMs });
  const events = createProcessEvents(log);
  const shutdown = createShutdown({ log, stepTimeoutMs: closeStepMs });
  shutdown.listen();
  health.hold("starting");
  try {
    const operations = await openOperationsServer({
      host: config.MESSNETZ_OPERATIONS_HOST,
      port: config.MESSNETZ_OPERATIONS_PORT,
      health,
      metrics,
      onNotReady: events.notReady,
      onFault: events.faulted,
    });
    shutdown.defer("operations", () => operations.close());
    shutdown.signal.addEventListener("abort", () => health.hold("closing"), { once: true });

    health.hold("starting: it waits for NATS");
    const link = await connectNats({
      ...access,
      name: `messnetz-ingest ${config.MESSNETZ_INSTANCE}`,
      signal: shutdown.signal,
      onEvent(event) {
        events.nats(event);
        if (event.kind === "connection_ended") shutdown.fail("the connection with NATS has ended");
      },
    });
    shutdown.defer("NATS", () => link.close());
    health.add("nats", () => link.check());
    await openIngest({ config, plans, link, log, metrics, health, events, shutdown });
    health.hold(undefined);
    events.running({ instance: config.MESSNETZ_INSTANCE, operations: operations.address() });
  } catch (error) {
    if (shutdown.signal.aborted) return;
    await shutdown.close("could not start");
    throw error;
  }
}

async function readPlans(config: IngestProcessConfig): Promise<readonly BridgePlan[]> {
  const plans = await readBridgePlans(config);
  if (plans.length > 0 || config.MESSNETZ_DOOR === "on") return plans;
  const expected = "on, or brokers in MESSNETZ_BRIDGES_FILE: something to receive from";
  throw new ConfigError([{ variable: "MESSNETZ_DOOR", expected, came: "off" }]);
}
