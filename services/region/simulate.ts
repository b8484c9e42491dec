import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { connectNats, natsConfigSchema, readNatsAccess } from "@messnetz/nats";
import { openNatsRegistry, type Registry } from "@messnetz/registry";
import { createLogger, createShutdown, loadConfig, logConfig, type Logger } from "@messnetz/runtime";
import { createSimulatedTown, runSimulator, type SimulatedTown } from "@messnetz/simulator";
import { z } from "zod";

const routesSchema = z.array(
  z.strictObject({
    /** Of a door, or of a broker. */
    url: z.string(),
    /** Ids of the simulated sources that publish there. */
    sources: z.array(z.string()).min(1),
    /** Of a broker with accounts of its own. Absent: those of the registry, made anew at each start. */
    passwords: z.record(z.string(), z.string()).optional(),
  }),
);
export type SimulationRoute = z.infer<typeof routesSchema>[number];

const configSchema = z.object({
  ...logConfig,
  ...natsConfigSchema.shape,
  MESSNETZ_REGISTRY_KEY_FILE: z.string().min(1).describe("File with the key of the registry's secrets."),
  MESSNETZ_SIMULATION_ROUTES_FILE: z.string().min(1).describe("JSON file: which simulated sources publish where."),
  MESSNETZ_SIMULATION_CA: z.string().min(1).optional().describe("PEM file of the authority of doors with TLS."),
  MESSNETZ_SIMULATION_SEED: z.coerce.number().int().default(40_000).describe("The same seed makes the same town."),
  MESSNETZ_SIMULATION_PAST_MINUTES: z.coerce.number().min(0).default(15).describe("Begin so long ago and catch up."),
  MESSNETZ_SIMULATION_SPEED: z.coerce.number().positive().default(60).describe("Seconds of the past in a second."),
});

const closeTimeoutMs = 8_000;
/** Ingest processes learn of a new secret by watching the registry. */
const againMs = 1_000;
const tellEveryMs = 60_000;
const msPerMinute = 60_000;

/** A simulated town that publishes to the doors of a region, until SIGTERM. */
export async function simulate(env: NodeJS.ProcessEnv): Promise<void> {
  const config = loadConfig(configSchema, env);
  const log = createLogger({ service: "simulator", form: config.MESSNETZ_LOG, level: config.MESSNETZ_LOG_LEVEL });
  const shutdown = createShutdown({ log, stepTimeoutMs: closeTimeoutMs });
  shutdown.listen();
  const routes = routesSchema.parse(JSON.parse(await readFile(config.MESSNETZ_SIMULATION_ROUTES_FILE, "utf8")));
  const ca = config.MESSNETZ_SIMULATION_CA === undefined ? undefined : await readFile(config.MESSNETZ_SIMULATION_CA);
  const seed = config.MESSNETZ_SIMULATION_SEED;
  const secrets = new Map<string, string>();
  const link = await connectNats({ ...(await readNatsAccess(config)), name: "simulator", signal: shutdown.signal });
  try {
    const registry = await openNatsRegistry({ link, keyFile: config.MESSNETZ_REGISTRY_KEY_FILE });
    await putSimulatedTown(registry, createSimulatedTown({ seed }));
    for (const source of routes.flatMap((route) => (route.passwords === undefined ? route.sources : []))) {
      secrets.set(source, (await registry.rotateCredential(source)).secret);
    }
    await registry.close();
  } finally {
    await link.close();
  }
  const counts = { published: 0, failed: 0 };
  const teller = setInterval(() => log.info(counts, "published"), tellEveryMs);
  const from = Date.now() - config.MESSNETZ_SIMULATION_PAST_MINUTES * msPerMinute;
  const running = routes.map((route) =>
    publish(route, {
      // What a town has said so far is part of it: each route has its own.
      town: createSimulatedTown({ seed }),
      secrets: new Map(
        route.sources.map((source) => [source, (route.passwords ?? Object.fromEntries(secrets))[source]!]),
      ),
      ca,
      from,
      speed: config.MESSNETZ_SIMULATION_SPEED,
      signal: shutdown.signal,
      counts,
      log,
    }),
  );
  shutdown.defer("publishing", async () => {
    clearInterval(teller);
    await Promise.all(running);
  });
  await Promise.all(running);
}

/** Puts operators, things, devices and sources of the town into the registry; what is there already stays as it is. */
export async function putSimulatedTown(registry: Registry, town: SimulatedTown): Promise<void> {
  await registry.apply([
    ...town.operators.map((operator) => ({ kind: "put-operator" as const, operator })),
    ...town.things.map((thing) => ({ kind: "put-thing" as const, thing })),
    ...town.devices.map((device) => ({ kind: "put-device" as const, device })),
    ...town.sources.map((source) => ({ kind: "put-source" as const, source })),
  ]);
}

interface Publishing {
  readonly town: SimulatedTown;
  readonly secrets: ReadonlyMap<string, string>;
  readonly ca: Buffer | undefined;
  readonly from: number;
  readonly speed: number;
  readonly signal: AbortSignal;
  readonly counts: { published: number; failed: number };
  readonly log: Logger;
}

async function publish({ url }: SimulationRoute, publishing: Publishing): Promise<void> {
  const { town, secrets, ca, from, speed, signal, counts, log } = publishing;
  while (!signal.aborted) {
    try {
      await runSimulator({
        url,
        town,
        credentials: secrets,
        signal,
        from,
        speed,
        ...(ca === undefined ? {} : { connection: { ca } }),
        onPublished: () => void counts.published++,
        onFailed: () => void counts.failed++,
        onConnectionError: (source, error) =>
          log.warn({ source, url, err: error }, "a connection was lost, trying again"),
      });
    } catch (error) {
      log.warn({ url, err: error }, "could not connect, trying again");
      await delay(againMs, undefined, { signal }).catch(() => {});
    }
  }
}
