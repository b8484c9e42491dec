import { type Nats, natsServersToTry, startNats } from "@messnetz/testing";
import { afterAll, beforeAll, describe } from "vitest";
import { describeEmbeddedStore } from "../embedded-store-contract.ts";
import { openEmpty, openWholeStore, type WholeStore } from "./whole-store.fixture.ts";

const servers = natsServersToTry();

describe.skipIf(servers.length === 0)("JetStream (skipped where no nats-server is installed)", () => {
  describe.each(servers)("of nats-server $version", ({ version }) => {
    let nats: Nats;
    beforeAll(async () => {
      nats = await startNats({ version });
    });
    afterAll(() => nats.stop());

    describeEmbeddedStore("JetStream", {
      async open(options) {
        const store = await openEmpty({ ...options, url: nats.url });
        for await (const stream of store.link.manager.streams.list())
          await store.link.manager.streams.delete(stream.config.name);
        await store.close();
        return openEmpty({ ...options, url: nats.url });
      },
      async reopen(store, options) {
        await store.close();
        await nats.kill();
        await nats.restart();
        return openWholeStore({ ...options, url: nats.url, observations: (store as WholeStore).observations });
      },
    });
  });
});
