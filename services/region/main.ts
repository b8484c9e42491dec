import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { checkProfileFiles, loadOwnAndBroughtProfiles, ProfileFilesError } from "@messnetz/profiles";
import { ensureAdministrator, importFiles, ImportRefusedError, RegistryError } from "@messnetz/registry";
import { claimFolder, ConfigError, createLogger, createShutdown, FolderUseError, loadConfig } from "@messnetz/runtime";
import { readRegionArguments, usage } from "./arguments.ts";
import { regionConfigSchema } from "./config.ts";
import { createRegionDemo } from "./demo.ts";
import { findPrograms } from "./programs.ts";
import { provideInfluxTokens } from "./provide-influx-tokens.ts";
import { readImportFiles } from "./read-import-files.ts";
import { openRegion } from "./region.ts";
import type { RegionEvent } from "./region-options.ts";
import { openSecretFiles } from "./secret-files.ts";
import { simulate } from "./simulate.ts";
import { RegionTroubleError } from "./trouble.ts";
import { describeRegion } from "./welcome.ts";

/** All parts one after the other, each with a grace of its own. */
const closeTimeoutMs = 90_000;

/** Runs the constellation of servers on this machine until SIGTERM: `npm run start:servers`. */
async function runRegion(): Promise<void> {
  const args = readRegionArguments(process.argv.slice(2));
  if (args.help) return say(usage);
  const config = loadConfig(regionConfigSchema, process.env);
  const files = await readImportFiles(args.import);
  const dataDirectory = resolve(config.MESSNETZ_DATA_DIR ?? (args.demo ? "data/region-demo" : "data/region"));
  const profiles = await readProfileNames(config.MESSNETZ_PROFILES_DIR, keepFileIn(dataDirectory));
  const programs = await findPrograms({
    install: args.install,
    say,
    given: {
      mosquitto: config.MESSNETZ_REGION_MOSQUITTO,
      nats: config.MESSNETZ_REGION_NATS_SERVER,
      influxd: config.MESSNETZ_REGION_INFLUXD,
    },
  });
  await claimFolder(dataDirectory, {
    use: args.demo ? "region-demo" : "region",
    cure: "give this one a folder of its own in MESSNETZ_DATA_DIR",
  });
  const log = createLogger({ service: "region", form: "auto", level: "warn" });
  const shutdown = createShutdown({ log, stepTimeoutMs: closeTimeoutMs });
  shutdown.listen();
  shutdown.defer("farewell", () => say("Messnetz has stopped."));
  const secrets = await openSecretFiles(join(dataDirectory, "secrets"));
  const demo = args.demo ? await createRegionDemo(secrets) : undefined;
  say("Starting Mosquitto, NATS, InfluxDB and the services …");
  const { MESSNETZ_MQTT_PORT: mqtt, MESSNETZ_HTTP_PORT: http } = config;
  const opening = openRegion({
    dataDirectory,
    programs,
    ports: {
      mosquitto: mqtt,
      firstDoor: mqtt === 0 ? 0 : mqtt + 1,
      api: http,
      firstHttpDoor: http === 0 ? 0 : http + 1,
    },
    variables: {
      all: { MESSNETZ_LOG_LEVEL: config.MESSNETZ_LOG_LEVEL },
      ingest: placeVariables(config, dataDirectory),
      api: {
        ...placeVariables(config, dataDirectory),
        MESSNETZ_ADMINISTRATOR_TOKEN_FILE: secrets.path("administrator-token"),
      },
    },
    async prepare(registry) {
      if (!args.demo) await ensureAdministrator(registry, { isWanted: args.newAdministrator, show: showToken });
      await importFiles(files, { registry, profiles, say });
      await demo?.prepare(registry);
    },
    ...(demo === undefined ? {} : { bridged: demo.bridged, accounts: demo.accounts, simulator: demo.simulator }),
    signal: shutdown.signal,
    onEvent: (event) => say(wordsOf(event)),
  });
  shutdown.defer("region", async () => {
    say("Stopping …");
    // A start that fails has ended what it had started.
    const opened = await opening.catch(() => undefined);
    await opened?.close();
  });
  const region = await opening.catch((error: unknown) => {
    if (!shutdown.signal.aborted) throw error;
    return undefined;
  });
  if (region === undefined) return;
  say(describeRegion({ region, programs, dataDirectory, demo: demo?.access() }));
}

/** For imports. A mistake in an own profile refuses the first start only: later the services go on with what was in force, and tell of it. */
async function readProfileNames(folder: string | undefined, keepFile: string): Promise<ReadonlySet<string>> {
  const brought = await loadOwnAndBroughtProfiles(undefined);
  const own = folder === undefined ? { profiles: [], problems: [] } : await checkProfileFiles([folder]);
  if (own.problems.length > 0 && !existsSync(keepFile)) throw new ProfileFilesError(own.problems);
  return new Set([...own.profiles, ...brought].map(({ name }) => name));
}

function keepFileIn(dataDirectory: string): string {
  return join(dataDirectory, "profiles-in-force.json");
}

function placeVariables(
  config: { MESSNETZ_TIME_ZONE: string; MESSNETZ_PROFILES_DIR?: string | undefined },
  dataDirectory: string,
) {
  const { MESSNETZ_TIME_ZONE, MESSNETZ_PROFILES_DIR } = config;
  return {
    MESSNETZ_TIME_ZONE,
    MESSNETZ_PROFILES_KEEP_FILE: keepFileIn(dataDirectory),
    ...(MESSNETZ_PROFILES_DIR === undefined ? {} : { MESSNETZ_PROFILES_DIR: resolve(MESSNETZ_PROFILES_DIR) }),
  };
}

function showToken(token: string): void {
  say(
    `\nThe administrator's token. It is shown this once and stored nowhere: keep it in a safe place.\n\n  ${token}\n`,
  );
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function wordsOf(event: RegionEvent): string {
  if (event.kind === "leftovers") {
    return `Ended what a start that was killed had left running: ${event.parts.join(", ")}.`;
  }
  const now = new Date().toTimeString().slice(0, 8);
  if (event.kind === "back") return `${now}  ${event.part} is back after ${(event.afterMs / 1000).toFixed(1)} s.`;
  const again = event.againInMs < 1000 ? "at once" : `in ${Math.round(event.againInMs / 1000)} s`;
  const last = event.lastLines.slice(-2).map((line) => `\n            ${line.slice(0, 300)}`);
  return `${now}  ${event.part} has ended ${event.how}; it is started again ${again}. Its last words:${last.join("")}`;
}

/** What a person can cure, and whose message says how: shown without a stack. */
const plainTroubles = [
  ConfigError,
  FolderUseError,
  ImportRefusedError,
  ProfileFilesError,
  RegionTroubleError,
  RegistryError,
];

/** What this file does by its first argument; the region where it names none. */
const tasks: Readonly<Record<string, () => Promise<void>>> = {
  simulate: () => simulate(process.env),
  "provide-influx-tokens": () => provideInfluxTokens(process.env),
};

try {
  await (tasks[process.argv[2] ?? ""] ?? runRegion)();
} catch (error) {
  if (!plainTroubles.some((type) => error instanceof type)) throw error;
  process.stderr.write(`\nmessnetz: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
