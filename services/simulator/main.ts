// Publishes a simulated town to an MQTT endpoint: settings are MESSNETZ_SIMULATOR_* variables. `main.ts registry` prints instead what the
// registry must know of the town, for `messnetz import`.
import { readFile } from "node:fs/promises";
import process from "node:process";
import { createLogger, createShutdown, loadConfig } from "@messnetz/runtime";
import { z } from "zod";
import { type SimulatorConfig, simulatorConfig } from "./config.ts";
import { registryDocument } from "./registry-document.ts";
import { runSimulator } from "./run-simulator.ts";
import { createSimulatedTown, type SimulatedTown } from "./simulated-town.ts";

const hourMs = 3_600_000;
const closeTimeoutMs = 5000;
const tellEveryMs = 10_000;

async function readCredentials(config: SimulatorConfig): Promise<Map<string, string>> {
  const file = config.MESSNETZ_SIMULATOR_CREDENTIALS;
  if (file === undefined) {
    throw new Error(
      "expected MESSNETZ_SIMULATOR_CREDENTIALS to name a JSON file with the secret of each credential, came none",
    );
  }
  return new Map(Object.entries(z.record(z.string(), z.string()).parse(JSON.parse(await readFile(file, "utf8")))));
}

async function publish(config: SimulatorConfig, town: SimulatedTown): Promise<void> {
  const log = createLogger({ service: "simulator", form: config.MESSNETZ_LOG, level: config.MESSNETZ_LOG_LEVEL });
  const shutdown = createShutdown({ log, stepTimeoutMs: closeTimeoutMs });
  const counts = { published: 0, failed: 0 };
  const teller = setInterval(() => log.info(counts, "published"), tellEveryMs);
  const running = runSimulator({
    url: config.MESSNETZ_SIMULATOR_URL,
    town,
    credentials: await readCredentials(config),
    signal: shutdown.signal,
    from: Date.now() - config.MESSNETZ_SIMULATOR_PAST_HOURS * hourMs,
    speed: config.MESSNETZ_SIMULATOR_SPEED,
    faults: {
      duplicate: config.MESSNETZ_SIMULATOR_DUPLICATE,
      outage: config.MESSNETZ_SIMULATOR_OUTAGE,
      wrongClock: config.MESSNETZ_SIMULATOR_WRONG_CLOCK,
      sentinel: config.MESSNETZ_SIMULATOR_SENTINEL,
      stuck: config.MESSNETZ_SIMULATOR_STUCK,
      meterExchange: config.MESSNETZ_SIMULATOR_METER_EXCHANGE,
    },
    onPublished: () => void counts.published++,
    onFailed: () => void counts.failed++,
    onConnectionError: (source, error) => log.warn({ source, err: error }, "a connection was lost, trying again"),
  });
  shutdown.defer("publishing", async () => void (await running));
  shutdown.defer("teller", () => clearInterval(teller));
  shutdown.listen();
  await running;
}

const config = loadConfig(simulatorConfig, process.env);
const town = createSimulatedTown({
  seed: config.MESSNETZ_SIMULATOR_SEED,
  inhabitants: config.MESSNETZ_SIMULATOR_INHABITANTS,
});
if (process.argv[2] === "registry") process.stdout.write(`${JSON.stringify(registryDocument(town), undefined, 1)}\n`);
else await publish(config, town);
