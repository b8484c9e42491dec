import { findNatsServers, type Nats, startNats } from "@messnetz/testing";
import { afterAll, describe, it } from "vitest";
import { describeRegistry } from "../contract.ts";
import { createNatsRegistryPlace } from "./nats-registry.fixture.ts";

const servers = findNatsServers();
const running = new Map<string, Promise<Nats>>();
afterAll(async () => {
  for (const nats of running.values()) await (await nats).stop();
});

describe.skipIf(servers.length > 0)("the registry at NATS", () => {
  it.skip("needs nats-server, which is not installed (Debian: apt-get install nats-server)", () => undefined);
});

for (const { version } of servers) {
  describeRegistry(`nats-server ${version}`, async () => {
    const nats = running.get(version) ?? startNats({ version });
    running.set(version, nats);
    const place = await createNatsRegistryPlace(await nats);
    return { open: async (now) => place.open({ now }), dispose: async () => place.dispose() };
  });
}
