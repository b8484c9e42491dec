import { setTimeout as delay } from "node:timers/promises";
import type { EpochMs } from "@messnetz/model";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import type { Emission } from "./emission.ts";
import type { FaultRates } from "./faults.ts";
import { createInFlight } from "./in-flight.ts";
import type { SimulatedTown } from "./simulated-town.ts";

export interface SimulatorOptions {
  /** `mqtt://` or `mqtts://` host and port. */
  readonly url: string;
  readonly town: SimulatedTown;
  /** Secret by source id, which is the user name. Sources without one do not publish. */
  readonly credentials: ReadonlyMap<string, string>;
  /** Ends it: what is in flight is waited for. */
  readonly signal: AbortSignal;
  /** Where the town's time begins: now when absent. A past is caught up at `speed`; the present goes at its own pace. */
  readonly from?: EpochMs;
  /** Seconds of the town in a second of ours while it catches up: 1 when absent, 600 at most. */
  readonly speed?: number;
  readonly faults?: FaultRates;
  /** Each message that was acknowledged. */
  readonly onPublished?: (emission: Emission) => void;
  /** Each message that was given up: the connection ended, or it was refused. */
  readonly onFailed?: (emission: Emission, error: unknown) => void;
  /** A connection that was lost or refused later on; it is tried again. */
  readonly onConnectionError?: (source: string, error: Error) => void;
  /** Further options of mqtt.js: the certificate authority, the protocol version. */
  readonly connection?: Pick<IClientOptions, "ca" | "protocolVersion" | "rejectUnauthorized">;
}

export interface SimulatorResult {
  readonly published: number;
  readonly failed: number;
}

const stepMs = 100;
/** Of the town's time at once, so that a fast past does not pile up in memory. */
const maxStepMs = 60_000;
/** QoS 1 messages on their way; beyond it the town's time stands still. */
const maxInFlight = 2000;
const endTimeoutMs = 3000;

/** Publishes what the town measures, QoS 1, one persistent session for each source. Rejects when a first connection is refused. */
export async function runSimulator(options: SimulatorOptions): Promise<SimulatorResult> {
  const { town, signal, credentials, speed = 1 } = options;
  const clients = new Map<string, MqttClient>();
  const inFlight = createInFlight(maxInFlight);
  const result = { published: 0, failed: 0 };

  async function publish(client: MqttClient, emission: Emission): Promise<void> {
    try {
      await client.publishAsync(emission.topic, emission.payload, { qos: 1 });
    } catch (error) {
      result.failed++;
      options.onFailed?.(emission, error);
      return;
    }
    result.published++;
    options.onPublished?.(emission);
  }

  try {
    for (const { id } of town.sources) {
      const password = credentials.get(id);
      if (password !== undefined && !signal.aborted) clients.set(id, await connect(options, id, password));
    }
    const start = performance.now();
    const from = options.from ?? Date.now();
    let done = from;
    while (!signal.aborted) {
      const caughtUp = from + (performance.now() - start) * speed;
      const to = Math.min(done + maxStepMs, Date.now(), Math.max(done, Math.floor(caughtUp)));
      for (const emission of to > done ? town.emissions({ from: done, to }, options.faults) : []) {
        const client = clients.get(emission.source);
        if (client === undefined) continue;
        await inFlight.room(signal);
        if (signal.aborted) break;
        inFlight.add(publish(client, emission));
      }
      done = Math.max(done, to);
      await delay(stepMs, undefined, { signal }).catch(ignoreAbort);
    }
  } finally {
    await inFlight.settled(endTimeoutMs);
    // What has no acknowledgement by now gets none: the connection ends.
    result.failed += inFlight.size;
    await Promise.all([...clients.values()].map((client) => client.endAsync(true)));
  }
  return result;
}

async function connect(options: SimulatorOptions, id: string, password: string): Promise<MqttClient> {
  const { url, connection, onConnectionError } = options;
  const client = await connectAsync(url, {
    ...connection,
    clientId: `simulator-${id}`,
    username: id,
    password,
    clean: false,
    reconnectPeriod: 500,
  }).catch((cause: unknown) => {
    throw new Error(`${id} could not connect to ${url}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  });
  // mqtt.js connects again by itself and sends what was not acknowledged.
  client.on("error", (error) => onConnectionError?.(id, error));
  return client;
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === "AbortError")) throw error;
}
