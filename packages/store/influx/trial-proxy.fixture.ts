import { once } from "node:events";
import { createServer as createHttpServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface TcpProxy {
  readonly url: string;
  /** Bytes that went to the clients so far. */
  readonly delivered: number;
  /** From now on nothing passes and nothing is closed: a half-open connection. */
  freeze(): void;
  /** The same, as soon as so many bytes have gone to the clients. */
  freezeAfter(bytes: number): void;
  /** Lets new connections pass; those that were frozen are gone. */
  thaw(): void;
  close(): Promise<void>;
}

/** Before a server on the loopback; forwards at once what comes until told otherwise. */
export async function openTcpProxy(port: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isFrozen = false;
  let delivered = 0;
  let freezesAt = Number.POSITIVE_INFINITY;
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        if (!isFrozen) to.destroy();
      });
      from.on("data", (bytes: Buffer) => {
        if (isFrozen) return;
        if (from === upstream) delivered += bytes.length;
        if (delivered >= freezesAt) isFrozen = true;
        if (!to.write(bytes)) {
          from.pause();
          to.once("drain", () => from.resume());
        }
      });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get delivered() {
      return delivered;
    },
    freeze: () => void (isFrozen = true),
    freezeAfter: (bytes) => void (freezesAt = delivered + bytes),
    thaw() {
      drop();
      isFrozen = false;
      freezesAt = Number.POSITIVE_INFINITY;
    },
    async close() {
      drop();
      server.close();
      await once(server, "close");
    },
  };
}

export interface HttpFront {
  readonly url: string;
  /** That came so far. */
  requests: number;
  /** Passes on what is asked, and cuts the connection instead of passing on the answer. */
  isDeaf: boolean;
  /** Answers in the server's place; undefined for passing on. */
  answer: ((asked: IncomingMessage, reply: ServerResponse) => void) | undefined;
  close(): Promise<void>;
}

/** A reverse proxy with a will of its own. */
export async function openHttpFront(url: string): Promise<HttpFront> {
  const server = createHttpServer((asked, reply) => {
    front.requests += 1;
    if (front.answer !== undefined) {
      asked.resume().once("end", () => front.answer?.(asked, reply));
      return;
    }
    const { method, headers } = asked;
    const onward = request(url + asked.url, { method, headers }, (answer) => {
      if (front.isDeaf) {
        answer.resume().once("end", () => reply.destroy());
        return;
      }
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
    });
    onward.on("error", () => reply.destroy());
    asked.pipe(onward);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const front: HttpFront = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: 0,
    isDeaf: false,
    answer: undefined,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return front;
}
