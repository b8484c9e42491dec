import { connectNats, type NatsLink } from "@messnetz/nats";
import { findNatsServers, type Nats, startNats } from "@messnetz/testing";
import { afterAll, afterEach, beforeAll, describe } from "vitest";

const servers = findNatsServers();

export interface NatsTrial {
  /** Of this suite; its streams are gone after each test. */
  server(): Nats;
  /** A process of its own, as far as the server can tell. */
  connect(): Promise<NatsLink>;
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
      const connect = (): Promise<NatsLink> => closing(connectNats({ urls: [nats.url], name }));

      beforeAll(async () => {
        nats = await startNats({ version });
      });
      afterEach(async () => {
        const link = await connect();
        const names: string[] = [];
        for await (const { config } of link.manager.streams.list()) names.push(config.name);
        for (const stream of names) await link.manager.streams.delete(stream);
        for (const one of opened.splice(0).reverse()) await one.close();
      });
      afterAll(() => nats.stop());

      suite({ server: () => nats, connect, closing });
    });
  });
}
