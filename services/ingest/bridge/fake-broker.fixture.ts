import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { generate, type IConnectPacket, type ISubscribePacket, type Packet, parser } from "mqtt-packet";
import { eventually } from "@messnetz/testing";

export interface FakeBroker extends AsyncDisposable {
  readonly url: string;
  /** One per connection, in order. */
  readonly connections: FakeConnection[];
  /** The next connection that nobody has asked for, after its CONNECT. */
  connection(withinMs?: number): Promise<FakeConnection>;
}

export interface FakeConnection {
  readonly connect: IConnectPacket;
  /** All packets after CONNECT. */
  readonly received: Packet[];
  /** Packet ids of the PUBACKs, in the order on the wire. */
  acknowledged(): number[];
  isClosed(): boolean;
  /** CONNACK, and SUBACK to each SUBSCRIBE from now on. */
  accept(differences?: { readonly sessionPresent?: boolean; readonly granted?: (topic: string) => number }): void;
  send(...packets: (Packet | Uint8Array)[]): void;
  publish(packetId: number, payload: Uint8Array, differences?: object): void;
  pause(): void;
  resume(): void;
  cut(): void;
  /** After all that was sent. */
  end(): void;
}

/** A broker that says exactly what it is told to, for what a well-behaved one never does. */
export async function openFakeBroker(): Promise<FakeBroker> {
  const connections: FakeConnection[] = [];
  const sockets = new Set<Socket>();
  let asked = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    meet(socket, (connection) => connections.push(connection));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `mqtt://127.0.0.1:${port}`,
    connections,
    connection(withinMs) {
      const at = asked++;
      return eventually(`connection ${at + 1} to the broker`, () => connections[at], withinMs);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function meet(socket: Socket, onConnect: (connection: FakeConnection) => void): void {
  const received: Packet[] = [];
  const reader = parser();
  let isClosed = false;
  let protocolVersion: 3 | 4 | 5 = 4;
  let granted: ((topic: string) => number) | undefined;
  socket.on("close", () => (isClosed = true));
  socket.on("data", (chunk) => reader.parse(chunk as Buffer));

  function send(...packets: (Packet | Uint8Array)[]): void {
    for (const packet of packets)
      socket.write(packet instanceof Uint8Array ? packet : generate(packet, { protocolVersion }));
  }

  function answer({ messageId, subscriptions }: ISubscribePacket): void {
    const codes = subscriptions.map(({ topic }) => granted?.(topic) ?? 1);
    send({ cmd: "suback", messageId: messageId!, granted: codes });
  }

  reader.on("packet", (packet) => {
    if (packet.cmd === "connect") {
      protocolVersion = packet.protocolVersion ?? 4;
      onConnect(connectionOf(packet));
      return;
    }
    received.push(packet);
    if (packet.cmd === "subscribe" && granted !== undefined) answer(packet);
    if (packet.cmd === "pingreq") send({ cmd: "pingresp" });
  });

  function connectionOf(connect: IConnectPacket): FakeConnection {
    return {
      connect,
      received,
      send,
      isClosed: () => isClosed,
      acknowledged: () => received.flatMap((packet) => (packet.cmd === "puback" ? [packet.messageId!] : [])),
      accept(differences = {}) {
        granted = differences.granted ?? (() => 1);
        const sessionPresent = differences.sessionPresent ?? false;
        send(
          protocolVersion === 5
            ? { cmd: "connack", sessionPresent, reasonCode: 0 }
            : { cmd: "connack", sessionPresent, returnCode: 0 },
        );
      },
      publish(packetId, payload, differences = {}) {
        send({
          cmd: "publish",
          topic: "town/a",
          payload: Buffer.from(payload),
          qos: 1,
          messageId: packetId,
          dup: false,
          retain: false,
          ...differences,
        });
      },
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
      cut: () => void socket.destroy(),
      end: () => void socket.end(),
    };
  }
}
