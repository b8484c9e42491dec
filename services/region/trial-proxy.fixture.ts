import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";

/** What a proxy does to all that passes. */
export type Weather =
  | { readonly kind: "fair" }
  /** Each piece comes later. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** The first bytes of each piece come one by one. */
  | { readonly kind: "sliced" }
  /** Nothing passes and nothing is closed. */
  | { readonly kind: "half-open" };

export interface TrialProxy extends AsyncDisposable {
  readonly port: number;
  setWeather(weather: Weather): void;
  /** The next piece in either direction goes halfway, and then all connections are cut. */
  cutInFrame(): void;
  /** Connections that were made so far. */
  readonly connections: number;
}

/** Bytes of a piece that go one by one: headers and the beginning of the first frame. */
const slicedBytes = 64;
const halfOf = (bytes: Buffer): Buffer => bytes.subarray(0, Math.ceil(bytes.length / 2));

/** A proxy before a server of the loopback. Reads on only when the other side has taken what it was given: it holds next to nothing. */
export async function openTrialProxy(upstreamPort: number, host = "127.0.0.1"): Promise<TrialProxy> {
  const sockets = new Set<Socket>();
  let weather: Weather = { kind: "fair" };
  let isCutting = false;
  let connections = 0;
  let change = Promise.withResolvers<void>();

  function cut(): void {
    for (const socket of sockets) socket.resetAndDestroy();
  }

  async function pass(bytes: Buffer, to: Socket): Promise<void> {
    if (isCutting) {
      isCutting = false;
      to.write(halfOf(bytes), cut);
      return;
    }
    while (weather.kind === "half-open") await change.promise;
    if (weather.kind === "slow") await delay(weather.delayMs);
    let rest = bytes;
    if (weather.kind === "sliced") {
      to.setNoDelay(true);
      for (const byte of bytes.subarray(0, slicedBytes)) {
        to.write(Buffer.of(byte));
        await nextTurn();
      }
      rest = bytes.subarray(slicedBytes);
    }
    if (to.destroyed || to.write(rest)) return;
    await Promise.race([once(to, "drain"), once(to, "close")]).catch(() => undefined); // an error of the socket closes it
  }

  async function pump(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const bytes of from) await pass(bytes as Buffer, to);
      to.end();
    } catch {
      // One of both was cut: so is the other.
      from.destroy();
      to.destroy();
    }
  }

  const server = createServer({ allowHalfOpen: true }, (client) => {
    connections++;
    const upstream = connect({ port: upstreamPort, host, allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        // A half-open line tells neither side that the other has gone.
        if (weather.kind !== "half-open") for (const other of [client, upstream]) other.destroy();
      });
    }
    void pump(client, upstream);
    void pump(upstream, client);
  }).listen(0, host);
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    setWeather(next) {
      const wasHalfOpen = weather.kind === "half-open";
      weather = next;
      // What was stuck is gone for good.
      if (wasHalfOpen && next.kind !== "half-open") cut();
      change.resolve();
      change = Promise.withResolvers();
    },
    cutInFrame() {
      isCutting = true;
    },
    async [Symbol.asyncDispose]() {
      weather = { kind: "fair" };
      change.resolve();
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
