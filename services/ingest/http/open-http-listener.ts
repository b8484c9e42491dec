import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { createAddressLimits } from "../address-limits.ts";
import type { TlsOptions } from "node:tls";
import type { HttpDoor } from "./http-door.ts";
import type { HttpEvents } from "./http-events.ts";

export interface HttpListenerOptions {
  readonly door: HttpDoor;
  readonly host: string;
  readonly port: number;
  /** Absent: plain HTTP, on the loopback. */
  readonly tls?: TlsOptions | undefined;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly events: HttpEvents;
}

export interface HttpListener {
  address(): { readonly host: string; readonly port: number };
  /** Takes no new connections; the door's own `close` comes before. */
  close(): Promise<void>;
}

const headersTimeoutMs = 10_000;
const keepAliveTimeoutMs = 60_000;
const idleTimeoutMs = 90_000;
const backlog = 4096;

/** An HTTP server with nothing but the door, for processes that have no API. Rejects with the system's error where it cannot listen. */
export async function openHttpListener(options: HttpListenerOptions): Promise<HttpListener> {
  const { door, events } = options;
  const addresses = createAddressLimits(options.maxConnections, options.maxConnectionsPerAddress);
  const server: Server = options.tls === undefined ? createServer() : createTlsServer(options.tls);
  server.headersTimeout = headersTimeoutMs;
  // A back-fill may take hours; the door has bounds for what comes of a body.
  server.requestTimeout = 0;
  server.keepAliveTimeout = keepAliveTimeoutMs;
  server.timeout = idleTimeoutMs;
  server.on("connection", (socket: Socket) => {
    const address = socket.remoteAddress ?? "";
    if (!addresses.enter(address)) {
      events.refused("message", { problem: "too-many", address, detail: `${addresses.count()} connections` });
      socket.destroy();
      return;
    }
    socket.once("close", () => addresses.leave(address));
  });
  server.on("request", (request, response) => door.handle(request, response, request.socket.remoteAddress ?? ""));
  server.listen({ host: options.host, port: options.port, backlog });
  await once(server, "listening");
  server.on("error", (error) => events.listenerFailed(error));
  const { address: host, port } = server.address() as AddressInfo;
  events.listening(host, port);
  return {
    address: () => ({ host, port }),
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
