import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { eventually } from "./eventually.ts";

/** A TCP port of the loopback that was free a moment ago. Where a server can listen on port 0, that is the better way. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Resolves when something accepts connections on the loopback's port. */
export async function acceptsConnections(port: number, withinMs = 30_000): Promise<void> {
  await eventually(
    `a server on port ${port}`,
    async () => {
      const socket = connect(port, "127.0.0.1");
      try {
        await once(socket, "connect");
        return true;
      } finally {
        socket.destroy();
      }
    },
    withinMs,
  );
}
