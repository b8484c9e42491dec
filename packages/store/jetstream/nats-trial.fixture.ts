import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { connectNats, type NatsLink } from "@messnetz/nats";
import { natsServersToTry, type Nats, startNats } from "@messnetz/testing";
import { afterAll, afterEach, beforeAll, describe } from "vitest";

const servers = natsServersToTry();

export interface NatsTrial {
  /** Of this suite; its streams are gone after each test. */
  server(): Nats;
  /** A process of its own, as far as the server can tell. */
  connect(): Promise<NatsLink>;
  /** The same over a line that can lose answers. */
  connectByLine(): Promise<{ readonly link: NatsLink; readonly line: Line }>;
  /** Opened by the test; closed after it, in reverse. */
  closing<T extends { close(): Promise<void> }>(opened: Promise<T>): Promise<T>;
}

/** The suite against each nats-server that is installed. */
export function describeOnNats(name: string, suite: (trial: NatsTrial) => void): void {
  describe.skipIf(servers.length === 0)(`${name} (skipped where no nats-server is installed)`, () => {
    describe.each(servers)("nats-server $version", ({ version }) => {
      let nats: Nats;
      const opened: { close(): Promise<void> }[] = [];

      async function closing<T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> {
        const one = await opening;
        opened.push(one);
        return one;
      }
      const connectDirectly = (): Promise<NatsLink> => closing(connectNats({ urls: [nats.url], name }));

      beforeAll(async () => {
        nats = await startNats({ version });
      });
      afterEach(async () => {
        const link = await connectDirectly();
        const names: string[] = [];
        for await (const { config } of link.manager.streams.list()) names.push(config.name);
        for (const stream of names) await link.manager.streams.delete(stream);
        for (const one of opened.splice(0).reverse()) await one.close();
      });
      afterAll(() => nats.stop());

      async function connectByLine(): Promise<{ readonly link: NatsLink; readonly line: Line }> {
        const line = await closing(openLine(nats.port));
        const link = await closing(connectNats({ urls: [`nats://127.0.0.1:${line.port}`], name }));
        return { link, line };
      }

      suite({ server: () => nats, connect: connectDirectly, connectByLine, closing });
    });
  });
}

/** A TCP line to the server. */
export interface Line {
  readonly port: number;
  /** From now on what is asked arrives, and no answer comes back. */
  loseAnswers(): void;
  /** Ends the connections; those that are made after it are whole. */
  cut(): void;
  close(): Promise<void>;
}

async function openLine(serverPort: number): Promise<Line> {
  const sockets = new Set<Socket>();
  let isLosing = false;
  const server = createServer((client) => {
    const upstream = connect(serverPort, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (bytes) => void upstream.write(bytes));
    upstream.on("data", (bytes) => {
      if (!isLosing) client.write(bytes);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    isLosing = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    loseAnswers: () => void (isLosing = true),
    cut,
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
