import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import process from "node:process";
import { atStart, readTlsFiles } from "@messnetz/api";
import { assertSafeDoor, readBridgePlans } from "@messnetz/ingest";
import { ensureAdministrator, importFiles } from "@messnetz/registry";
import { assertSafeBinding, claimFolder, createLogger, createShutdown, loadConfig } from "@messnetz/runtime";
import { readArguments, usage } from "./arguments.ts";
import { townConfigSchema } from "./config.ts";
import { createDemo } from "./demo.ts";
import { isPlainTrouble, remedyFor } from "./plain-trouble.ts";
import { removeRunFile, writeRunFile } from "./run-file.ts";
import { openTown, type TownOptions } from "./town.ts";
import { describeTown } from "./welcome.ts";

const closeStepMs = 15_000;

/** Runs a town until SIGTERM: `npm start`. */
async function main(): Promise<void> {
  const args = readArguments(process.argv.slice(2));
  if (args.help) return say(usage);
  const config = loadConfig(townConfigSchema, process.env);
  assertSafeDoor(config);
  assertSafeBinding({
    host: config.MESSNETZ_HTTP_HOST,
    tls: config.MESSNETZ_HTTP_TLS_CERT !== undefined && config.MESSNETZ_HTTP_TLS_KEY !== undefined,
    what: "the HTTP API (MESSNETZ_HTTP_HOST, MESSNETZ_HTTP_TLS_CERT, MESSNETZ_HTTP_TLS_KEY)",
  });
  const tls = await readTlsFiles(config);
  const plans = await readBridgePlans(config);
  const files = await Promise.all(args.import.map(async (file) => ({ file, content: await readFile(file) })));
  const dataDirectory = resolve(config.MESSNETZ_DATA_DIR ?? (args.demo ? "data/demo" : "data/town"));
  await claimFolder(
    dataDirectory,
    args.demo
      ? { use: "demo", cure: "start it with --no-demo, or give the demo a folder of its own in MESSNETZ_DATA_DIR" }
      : { use: "town", cure: "give the town a folder of its own in MESSNETZ_DATA_DIR" },
  );
  // The demo talks to the person at the terminal: its log keeps to what is odd.
  const level = args.demo && process.env["MESSNETZ_LOG_LEVEL"] === undefined ? "warn" : config.MESSNETZ_LOG_LEVEL;
  const log = createLogger({ service: "town", form: config.MESSNETZ_LOG, level });
  const shutdown = createShutdown({ log, stepTimeoutMs: closeStepMs });
  shutdown.listen();
  shutdown.defer("farewell", () => say("Messnetz has stopped."));
  const demo = args.demo ? createDemo() : undefined;
  try {
    const prepare: TownOptions["prepare"] = async (registry, profiles, audit) => {
      await ensureAdministrator(registry, {
        isWanted: args.newAdministrator,
        async show(token) {
          await audit.append([atStart("token.issue", "administrator")]);
          showToken(token);
        },
      });
      await audit.append(files.map(({ file }) => atStart("import", file)));
      await importFiles(files, { registry, profiles, say });
      await demo?.prepare(registry);
    };
    const town = await openTown({ config, tls, plans, dataDirectory, log, shutdown, prepare });
    await writeRunFile(dataDirectory, {
      pid: process.pid,
      startedAt: new Date().toISOString(),
      mqtt: town.door.address(),
      http: addressOf(town.api.address!),
    });
    shutdown.defer("run file", () => removeRunFile(dataDirectory));
    say(describeTown({ town, dataDirectory, demo: demo?.access() }));
    demo?.run({ town, say, shutdown });
  } catch (error) {
    await shutdown.close("could not start");
    throw error;
  }
}

function showToken(token: string): void {
  say(
    `\nThe administrator's token. It is shown this once and stored nowhere: keep it in a safe place.\n\n  ${token}\n`,
  );
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

try {
  await main();
} catch (error) {
  if (!isPlainTrouble(error)) throw error;
  const remedy = remedyFor(error);
  process.stderr.write(`\nmessnetz: ${error.message}\n${remedy === undefined ? "" : `${remedy}\n`}`);
  process.exitCode = 1;
}
