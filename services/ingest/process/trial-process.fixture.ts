import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Observation } from "@messnetz/model";
import { connectNats, type NatsLink } from "@messnetz/nats";
import { openNatsRegistry, type Registry } from "@messnetz/registry";
import {
  type Child,
  createTemporaryFolder,
  type Mosquitto,
  type Nats,
  startChild,
  startMosquitto,
  startNats,
} from "@messnetz/testing";

export const main = fileURLToPath(new URL("../main.ts", import.meta.url));
const startsWithinMs = 60_000;

/** A broker that keeps a session and its messages over kill -9, as far as mosquitto can. */
export const durableBroker = [
  "persistence true",
  "autosave_on_changes true",
  "autosave_interval 1",
  "max_queued_messages 0",
];

export interface TrialServers extends AsyncDisposable {
  readonly nats: Nats;
  readonly broker: Mosquitto;
  readonly link: NatsLink;
  readonly registry: Registry;
  readonly folder: string;
  /** User name and password of the door. */
  readonly door: { readonly username: string; readonly password: string };
  start(env?: Readonly<Record<string, string>>): Promise<IngestChild>;
  /** All of the stream, by a client of NATS that knows nothing of ours. */
  observations(): Promise<readonly BusRow[]>;
}

export interface BusRow extends Observation {
  readonly subject: string;
}

export interface IngestChild {
  readonly child: Child;
  readonly doorPort: number;
  /** Of the HTTP door; NaN where it is off. */
  readonly httpPort: number;
  /** Of health and metrics. */
  readonly base: string;
}

/** NATS, mosquitto, a registry with the credentials `field` (the bridge) and `gauges` (the door), and as many ingest processes as a test starts. */
export async function startTrialServers(): Promise<TrialServers> {
  const opened = new AsyncDisposableStack();
  try {
    const folder = opened.use(await createTemporaryFolder()).path;
    const nats = opened.use(await startNats());
    const broker = opened.use(await startMosquitto(durableBroker));
    const link = await connectNats({ urls: [nats.url], name: "trial" });
    opened.defer(() => link.close());
    const keyFile = join(folder, "registry.key");
    const registry = await openNatsRegistry({ link, keyFile, createKey: true });
    opened.defer(() => registry.close());
    await registry.putOperator({ id: "waterworks", name: "Waterworks" });
    const rights = { operator: "waterworks", topics: ["town/#"], adopt: [{ format: "*", domain: "water" as const }] };
    await registry.issueCredential({ id: "field", ...rights });
    const { secret } = await registry.issueCredential({ id: "gauges", ...rights });
    const bridges = join(folder, "bridges.yaml");
    await writeFile(
      bridges,
      `brokers:\n  - name: field\n    url: ${broker.url}\n    source: field\n    sessions:\n      - { name: water, topics: ["town/#"] }\n`,
    );
    return {
      nats,
      broker,
      link,
      registry,
      folder,
      door: { username: "gauges", password: secret },
      async start(env = {}) {
        const child = await startChild(process.execPath, {
          args: [main],
          env: {
            MESSNETZ_LOG: "json",
            MESSNETZ_NATS_URL: nats.url,
            MESSNETZ_NATS_OBSERVATIONS_MB: "64",
            MESSNETZ_NATS_QUARANTINE_MB: "64",
            MESSNETZ_REGISTRY_KEY_FILE: keyFile,
            MESSNETZ_INSTANCE: "trial",
            MESSNETZ_MQTT_PORT: "0",
            MESSNETZ_HTTP_DOOR_PORT: "0",
            MESSNETZ_OPERATIONS_PORT: "0",
            MESSNETZ_BRIDGES_FILE: bridges,
            ...env,
          },
        });
        opened.use(child);
        const [, port] = await child.sees(/"operations":\{"host":"127.0.0.1","port":(\d+)\}/, startsWithinMs);
        const door = /"port":(\d+),"msg":"The MQTT door is open/.exec(child.output());
        const http = /"port":(\d+),"msg":"The HTTP door is open/.exec(child.output());
        return { child, base: `http://127.0.0.1:${port}`, doorPort: Number(door?.[1]), httpPort: Number(http?.[1]) };
      },
      observations: () => readStream(link),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

async function readStream(link: NatsLink): Promise<readonly BusRow[]> {
  const { state } = await link.manager.streams.info("OBSERVATIONS");
  const rows: BusRow[] = [];
  if (state.messages === 0) return rows;
  const consumer = await link.jetstream.consumers.get("OBSERVATIONS");
  const messages = await consumer.consume();
  for await (const message of messages) {
    for (const one of message.json<Observation[]>()) rows.push({ ...one, subject: message.subject });
    if (message.seq >= state.last_seq) break;
  }
  return rows;
}
