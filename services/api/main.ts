import { readFile } from "node:fs/promises";
import process from "node:process";
import { assertSafeBinding, createLogger, createShutdown, loadConfig } from "@messnetz/runtime";
import { readArguments, usage } from "./process/arguments.ts";
import { apiProcessConfigSchema } from "./process/config.ts";
import { openApiProcess } from "./process/open-api-process.ts";
import { isPlainTrouble } from "./process/plain-trouble.ts";
import { readTlsFiles } from "./tls-files.ts";

const closeStepMs = 8_000;

/** Runs the API over NATS and InfluxDB until SIGTERM. */
async function main(): Promise<void> {
  const args = readArguments(process.argv.slice(2));
  if (args.help) return say(usage);
  const config = loadConfig(apiProcessConfigSchema, process.env);
  assertSafeBinding({
    host: config.MESSNETZ_HTTP_HOST,
    tls: config.MESSNETZ_HTTP_TLS_CERT !== undefined && config.MESSNETZ_HTTP_TLS_KEY !== undefined,
    what: "the HTTP API (MESSNETZ_HTTP_HOST, MESSNETZ_HTTP_TLS_CERT, MESSNETZ_HTTP_TLS_KEY)",
  });
  const tls = await readTlsFiles(config);
  const files = await Promise.all(args.import.map(async (file) => ({ file, content: await readFile(file) })));
  const log = createLogger({ service: "api", form: config.MESSNETZ_LOG, level: config.MESSNETZ_LOG_LEVEL });
  const shutdown = createShutdown({ log, stepTimeoutMs: closeStepMs });
  shutdown.listen();
  try {
    await openApiProcess({ config, tls, files, isAdministratorWanted: args.newAdministrator, log, shutdown, say });
  } catch (error) {
    // A signal while it waits for its servers is an end like any other.
    if (shutdown.signal.aborted) return;
    await shutdown.close("could not start");
    throw error;
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  await main();
} catch (error) {
  if (!isPlainTrouble(error)) throw error;
  process.stderr.write(`\nmessnetz: ${error.message}\n`);
  process.exitCode = 1;
}
