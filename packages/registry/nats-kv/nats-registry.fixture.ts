import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { join as joinPath } from "node:path";
import { connectNats, type NatsLink } from "@messnetz/nats";
import { createTemporaryFolder, type Nats } from "@messnetz/testing";
import type { Registry } from "../port.ts";
import { type NatsRegistryOptions, openNatsRegistry } from "./nats-registry.ts";

/** A registry on a nats-server that any number of "processes", each with a connection of its own, have open. */
export interface NatsRegistryPlace {
  readonly keyFile: string;
  /** Through `url` where it is given, else directly. */
  connect(url?: string): Promise<NatsLink>;
  open(options?: Partial<NatsRegistryOptions>): Promise<Registry>;
  dispose(): Promise<void>;
}

/** On the server, which must not hold a registry; none is left on it. */
export async function createNatsRegistryPlace(nats: Nats): Promise<NatsRegistryPlace> {
  const folder = await createTemporaryFolder();
  const keyFile = joinPath(folder.path, "registry.key");
  const registries: Registry[] = [];
  const links: NatsLink[] = [];

  async function connect(url = nats.url): Promise<NatsLink> {
    const link = await connectNats({ urls: [url], name: "test" });
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

/** A way to the server that can be cut, for one process alone. */
export interface Wire extends AsyncDisposable {
  readonly url: string;
  cut(): void;
  heal(): void;
}

export async function startWire(nats: Nats): Promise<Wire> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const join = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.pipe(to);
    from.on("error", () => undefined); // the other side tells
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((socket) => {
    if (isCut) {
      socket.destroy();
      return;
    }
    const upstream = createConnection(nats.port, "127.0.0.1");
    join(socket, upstream);
    join(upstream, socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    heal: () => void (isCut = false),
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
