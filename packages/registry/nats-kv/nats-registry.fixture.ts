import { join } from "node:path";
import { connectNats, type NatsLink } from "@messnetz/nats";
import { createTemporaryFolder, type Nats } from "@messnetz/testing";
import type { Registry } from "../port.ts";
import { type NatsRegistryOptions, openNatsRegistry } from "./nats-registry.ts";

/** A registry on a nats-server that any number of "processes", each with a connection of its own, have open. */
export interface NatsRegistryPlace {
  readonly keyFile: string;
  connect(): Promise<NatsLink>;
  open(options?: Partial<NatsRegistryOptions>): Promise<Registry>;
  dispose(): Promise<void>;
}

/** On the server, which must not hold a registry; none is left on it. */
export async function createNatsRegistryPlace(nats: Nats): Promise<NatsRegistryPlace> {
  const folder = await createTemporaryFolder();
  const keyFile = join(folder.path, "registry.key");
  const registries: Registry[] = [];
  const links: NatsLink[] = [];

  async function connect(): Promise<NatsLink> {
    const link = await connectNats({ urls: [nats.url], name: "test" });
    links.push(link);
    return link;
  }

  return {
    keyFile,
    connect,
    async open(options = {}) {
      const link = options.link ?? (await connect());
      const registry = await openNatsRegistry({ keyFile, createKey: true, ...options, link });
      registries.push(registry);
      return registry;
    },
    async dispose() {
      await Promise.allSettled(registries.map(async (registry) => registry.close()));
      const last = await connect();
      for (const name of ["REGISTRY", "KV_registry"]) await last.manager.streams.delete(name);
      await Promise.all(links.map(async (link) => link.close()));
      await folder.remove();
    },
  };
}
