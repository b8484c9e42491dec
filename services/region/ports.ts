import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";

const host = "127.0.0.1";

/** Ports of the loopback: the wanted one where it is given and free, else any that is free now. No port is given out twice. */
export function createPorts() {
  const taken = new Set<number>();

  async function listen(port: number): Promise<Server | undefined> {
    const server = createServer().listen(port, host);
    try {
      await once(server, "listening");
      return server;
    } catch (error) {
      if (port === 0) throw error;
      return undefined;
    }
  }

  return {
    /** Undefined where the wanted port is in use. */
    async take(wanted = 0): Promise<number | undefined> {
      for (;;) {
        if (taken.has(wanted)) return undefined;
        const server = await listen(wanted);
        if (server === undefined) return undefined;
        const { port } = server.address() as AddressInfo;
        server.close();
        await once(server, "close");
        if (taken.has(port)) continue;
        taken.add(port);
        return port;
      }
    },
  };
}
