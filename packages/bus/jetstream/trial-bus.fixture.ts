import type { IntakeMessage } from "@messnetz/model";
import { connectNats, type NatsLink } from "@messnetz/nats";
import { eventually, type Nats, type NatsOptions, startNats } from "@messnetz/testing";
import { decodeBusMessage } from "./decode-bus-message.ts";
import { createJetStreamBus, type JetStreamBusOptions } from "./jetstream-bus.ts";
import { observationStream } from "./observation-stream.ts";

export interface TrialServer extends AsyncDisposable {
  readonly nats: Nats;
  readonly link: NatsLink;
}

export async function startTrialServer(options: NatsOptions): Promise<TrialServer> {
  const nats = await startNats(options);
  const link = await connectNats({ urls: [nats.url], name: "trial" });
  return {
    nats,
    link,
    async [Symbol.asyncDispose]() {
      await link.close();
      await nats.stop();
    },
  };
}

/** As a new one, for the next test. */
export async function emptyServer({ link }: TrialServer): Promise<void> {
  await eventually("the connection to be back", () => link.isConnected());
  const names: string[] = [];
  for await (const { config } of link.manager.streams.list()) names.push(config.name);
  for (const name of names) await link.manager.streams.delete(name);
}

/** A bus with a quarantine that has room for everything and a memory of deliveries that forgets. */
export function openTrialBus(link: NatsLink, change: Partial<JetStreamBusOptions> = {}) {
  return createJetStreamBus({
    link,
    instance: "trial",
    domainOf: (message: IntakeMessage) => message.device.slice(0, message.device.indexOf(":")),
    quarantine: { keep: (messages) => Promise.resolve(messages.map(() => "kept" as const)) },
    deliveries: { receipts: () => Promise.resolve(), sessions: () => Promise.resolve(), seen: () => Promise.resolve() },
    replicas: 1,
    maxBytes: 50_000_000,
    ...change,
  });
}

/** All that the stream holds, decoded, in order. */
export async function readStream(link: NatsLink) {
  const { state } = await link.manager.streams.info(observationStream);
  const found = [];
  for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq++) {
    const message = await link.manager.streams.getMessage(observationStream, { seq });
    if (message === null) continue;
    const decoded = decodeBusMessage({ headers: message.header, payload: message.data });
    if (decoded.poison !== undefined) throw new Error(decoded.poison);
    found.push({ seq, subject: message.subject, headers: message.header, bytes: message.data.length, ...decoded });
  }
  return found;
}
