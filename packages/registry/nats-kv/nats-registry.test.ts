import { type Nats, startNats } from "@messnetz/testing";
import { afterAll } from "vitest";
import { describeRegistry } from "../contract.ts";
import { describeAtNats } from "./describe-at-nats.fixture.ts";
import { createNatsRegistryPlace } from "./nats-registry.fixture.ts";

const running = new Map<string, Promise<Nats>>();
afterAll(async () => {
  for (const nats of running.values()) await (await nats).stop();
});

describeAtNats("the registry", (version) => {
  describeRegistry("NATS KV", async () => {
    const nats = running.get(version) ?? startNats({ version });
    running.set(version, nats);
    const place = await createNatsRegistryPlace(await nats);
    return { open: async (now) => place.open({ now }), dispose: async () => place.dispose() };
  });
});
