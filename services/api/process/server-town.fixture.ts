import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createJetStreamBus } from "@messnetz/bus";
import type { IntakeMessage } from "@messnetz/model";
import { connectNats, type NatsLink } from "@messnetz/nats";
import { openNatsRegistry, type Registry } from "@messnetz/registry";
import { openJetStreamDeliveries, openJetStreamQuarantine } from "@messnetz/store";
import {
  type Child,
  createTemporaryFolder,
  eventually,
  type Influx,
  type InfluxGeneration,
  type Nats,
  startChild,
  startInflux,
  startNats,
} from "@messnetz/testing";
import { fillTown } from "../example-town.fixture.ts";

export const apiMain = fileURLToPath(new URL("../main.ts", import.meta.url));
const writerMain = fileURLToPath(new URL("../../writer/main.ts", import.meta.url));
const streamMb = 64;
const bytesPerMb = 1_000_000;
const startsWithinMs = 30_000;

/** NATS and InfluxDB, the example town in the registry, a writer process, and as many API processes as a test starts. */
export interface ServerTown extends AsyncDisposable {
  readonly nats: Nats;
  readonly influx: Influx;
  readonly link: NatsLink;
  readonly registry: Registry;
  readonly writer: Child;
  /** Resolves when JetStream has it. */
  publish(messages: readonly IntakeMessage[]): Promise<void>;
  /** A token of all operators with every scope. */
  readonly token: string;
  startApi(options?: {
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  }): Promise<ApiChild>;
  readonly folder: string;
}

export interface ApiChild extends AsyncDisposable {
  readonly child: Child;
  readonly base: string;
  get(path: string): Promise<Response>;
}

export async function startServerTown(options: { readonly influx: InfluxGeneration }): Promise<ServerTown> {
  const opened = new AsyncDisposableStack();
  try {
    const folder = opened.use(await createTemporaryFolder()).path;
    const nats = opened.use(await startNats());
    const influx = opened.use(await startInflux({ version: options.influx }));
    const link = await connectNats({ urls: [nats.url], name: "test" });
    opened.defer(() => link.close());
    const keyFile = join(folder, "registry.key");
    const registry = await openNatsRegistry({ link, keyFile, createKey: true });
    opened.defer(() => registry.close());
    await registry.check();
    await fillTown(registry);
    const { token } = await registry.issueToken({ name: "test", operator: "*", scopes: ["admin"] });
    const publish = await openPublisher({ link, registry, opened });
    const common = {
      MESSNETZ_NATS_URL: nats.url,
      MESSNETZ_NATS_QUARANTINE_MB: String(streamMb),
      MESSNETZ_NATS_OBSERVATIONS_MB: String(streamMb),
      MESSNETZ_LOG: "json",
    };
    const writer = opened.use(
      await startChild(process.execPath, {
        args: [writerMain],
        env: {
          ...common,
          MESSNETZ_OPERATIONS_PORT: "0",
          ...(await influxVariables(influx, { folder, role: "writer" })),
        },
      }),
    );
    const reader = await influxVariables(influx, { folder, role: "reader" });
    return {
      nats,
      influx,
      link,
      registry,
      writer,
      publish,
      token,
      folder,
      async startApi({ args = [], env = {} } = {}) {
        const child = await startChild(process.execPath, {
          args: [apiMain, ...args],
          env: {
            ...common,
            ...reader,
            MESSNETZ_HTTP_PORT: "0",
            MESSNETZ_NATS_AUDIT_MB: "1",
            MESSNETZ_REGISTRY_KEY_FILE: keyFile,
            ...env,
          },
        });
        const base = (await child.sees(/"address":"(http[^"]+)"/, startsWithinMs))[1]!;
        return {
          child,
          base,
          get: (path) => fetch(base + path, { headers: { authorization: `Bearer ${token}` } }),
          [Symbol.asyncDispose]: async () => void (await child.stop(20_000)),
        };
      },
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

interface PublisherParts {
  readonly link: NatsLink;
  readonly registry: Registry;
  readonly opened: AsyncDisposableStack;
}

async function openPublisher({ link, registry, opened }: PublisherParts): Promise<ServerTown["publish"]> {
  const limits = { maxBytes: 2 ** 24, maxAgeMs: 90 * 86_400_000 };
  const quarantine = await openJetStreamQuarantine({ link, limits, replicas: 1, maxBytes: streamMb * bytesPerMb });
  opened.defer(() => quarantine.close());
  const deliveries = await openJetStreamDeliveries({ link, instance: "test", replicas: 1 });
  opened.defer(() => deliveries.close());
  const bus = await createJetStreamBus({
    link,
    instance: "test",
    domainOf: ({ observations: [first] }) => registry.thing(first?.datastream.split("/")[0] ?? "")?.domain ?? "other",
    quarantine,
    deliveries,
    replicas: 1,
    maxBytes: streamMb * bytesPerMb,
  });
  opened.defer(() => bus.close());
  return async (messages) => void (await bus.publish({ messages, receipts: [], sessions: [] }));
}

async function influxVariables(
  influx: Influx,
  { folder, role }: { readonly folder: string; readonly role: "writer" | "reader" },
): Promise<Readonly<Record<string, string>>> {
  const { token, username = "", password = "" } = influx[role];
  const secretFile = join(folder, `influx-${role}`);
  await writeFile(secretFile, token ?? password, { mode: 0o600 });
  return {
    MESSNETZ_INFLUX_URL: influx.url,
    MESSNETZ_INFLUX_DATABASE: influx.database,
    ...(influx.org !== undefined && { MESSNETZ_INFLUX_ORG: influx.org }),
    ...(token === undefined
      ? { MESSNETZ_INFLUX_USER: username, MESSNETZ_INFLUX_PASSWORD_FILE: secretFile }
      : { MESSNETZ_INFLUX_TOKEN_FILE: secretFile }),
  };
}

/** Resolves when the API is ready and the ledger has counted so many messages. */
export async function countedAll(api: ApiChild, messages: number): Promise<void> {
  await eventually(
    `${messages} messages in the ledger`,
    async () => {
      if (!(await api.get("/readyz")).ok) return false;
      const { items } = (await (await api.get("/api/v1/ledger")).json()) as { items: { received: number }[] };
      return items.reduce((sum, { received }) => sum + received, 0) >= messages;
    },
    30_000,
  );
}
