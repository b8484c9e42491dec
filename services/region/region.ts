import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { InfluxAccess } from "./influx-access.ts";
import { createLayout, type Layout } from "./layout.ts";
import { createPart, type SupervisedPart } from "./part.ts";
import type { PartSpec } from "./part.ts";
import { createPorts } from "./ports.ts";
import { findPrograms } from "./programs.ts";
import type { Region, RegionOptions } from "./region-options.ts";
import { registryAt } from "./registry-at.ts";
import { identify } from "./process-identity.ts";
import { endLeftovers, identifyParts, removeRunFile, writeRunFile } from "./run-file.ts";
import { openSecretFiles } from "./secret-files.ts";
import { type Servers, prepareServers } from "./servers.ts";

/**
 * The whole constellation on the loopback of one machine: Mosquitto, NATS, InfluxDB and each service as processes of their own. One that
 * dies is started again. Resolves when all of them serve; rejects, with everything ended, when one does not. Rejects with a
 * `RegionTroubleError` for what a person can cure.
 */
export async function openRegion(options: RegionOptions): Promise<Region> {
  const { onEvent = () => {} } = options;
  const dataDirectory = resolve(options.dataDirectory);
  const programs = options.programs ?? (await findPrograms({ install: false, say: () => {} }));
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const left = await endLeftovers(dataDirectory);
  if (left.length > 0) onEvent({ kind: "leftovers", parts: left });
  const secrets = await openSecretFiles(join(dataDirectory, "secrets"));
  const layout = await createLayout({ options, dataDirectory, secrets, ports: createPorts() });
  const servers = await prepareServers({
    programs,
    dataDirectory,
    secrets,
    ports: layout.ports,
    accounts: layout.accounts,
    lines: options.lines ?? {},
  });

  const started: SupervisedPart[] = [];
  // No part outlives this process, however it ends; only after its own SIGKILL the next start has to end them.
  const abandonAll = (): void => started.forEach((part) => part.abandon());
  process.once("exit", abandonAll);
  let isClosing = false;

  /** One after the other, so that the file never goes back in time. */
  let written = Promise.resolve();
  function remember(): void {
    if (isClosing) return;
    written = written.then(() =>
      writeRunFile(dataDirectory, {
        region: identify(process.pid),
        api: layout.url,
        doors: Object.fromEntries(layout.doors),
        mosquitto: layout.mosquittoUrl,
        parts: identifyParts(started),
      }).catch(() => {
        // A full disk ends nothing here: at worst a later start does not find what this one left.
      }),
    );
  }

  async function startAll(specs: readonly PartSpec[]): Promise<void> {
    options.signal?.throwIfAborted();
    const parts = specs.map((spec) =>
      createPart(spec, { logFile: join(dataDirectory, "logs", `${spec.name}.log`), onEvent, onChange: remember }),
    );
    started.push(...parts);
    for (const part of parts) part.start();
    await Promise.all(parts.map((part) => part.ready()));
  }

  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= closeAll());

  async function closeAll(): Promise<void> {
    for (const group of groupsOf(started).toReversed()) await Promise.all(group.map((part) => part.stop()));
    isClosing = true;
    process.off("exit", abandonAll);
    await written;
    await removeRunFile(dataDirectory);
  }

  const withRegistry = registryAt(servers.nats, secrets.path(layout.registryKey));
  const abandon = (): void => void close();
  options.signal?.addEventListener("abort", abandon, { once: true });
  try {
    const influx = await startServers(servers, startAll);
    // Also with nothing to prepare: it makes the key that all services need.
    const credentials = await withRegistry(async (registry) => {
      await options.prepare?.(registry);
      return new Set(registry.credentials().map(({ source }) => source.id));
    });
    for (const stage of await layout.stages({ servers, influx, credentials })) await startAll(stage);
    return describe({ layout, servers, programs, started, withRegistry, close, influx: influx.variables });
  } catch (error) {
    await close();
    throw error;
  } finally {
    options.signal?.removeEventListener("abort", abandon);
  }
}

async function startServers(servers: Servers, startAll: (specs: readonly PartSpec[]) => Promise<void>) {
  await startAll(servers.specs);
  return servers.provideInflux();
}

/** Parts that are ended together: the servers last, before them the writers and the API, first those who take messages in. */
function groupsOf(parts: readonly SupervisedPart[]): readonly (readonly SupervisedPart[])[] {
  const rank = ({ name }: SupervisedPart): number => {
    if (name === "simulator") return 4;
    if (name.startsWith("ingest-")) return 3;
    if (name === "mosquitto") return 2;
    return name === "nats" || name === "influxd" ? 0 : 1;
  };
  const groups = Map.groupBy(parts, rank);
  return [...groups.keys()].toSorted((a, b) => a - b).map((key) => groups.get(key)!);
}

interface Description extends Pick<Region, "withRegistry" | "close"> {
  readonly layout: Layout;
  readonly servers: Servers;
  readonly programs: { readonly influxd: { readonly version: string } };
  readonly started: readonly SupervisedPart[];
  readonly influx: InfluxAccess["variables"];
}

function describe({ layout, servers, programs, started, influx, withRegistry, close }: Description): Region {
  const { url, user, password } = servers.nats;
  return {
    url: layout.url,
    doors: layout.doors,
    httpDoors: layout.httpDoors,
    mosquitto: { url: layout.mosquittoUrl, account: layout.account },
    nats: { url, user, password },
    influx: { version: programs.influxd.version, variables: influx.reader, writer: influx.writer },
    parts: started,
    part(name) {
      const part = started.find((one) => one.name === name);
      if (part !== undefined) return part;
      throw new RangeError(`expected one of ${started.map((one) => one.name).join(", ")}, came ${name}`);
    },
    withRegistry,
    close,
  };
}
