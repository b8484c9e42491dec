import { createConnection, type Socket } from "node:net";

/** A message as bytes: the topic, and the payload in parts, so that what many messages share is made once. */
export interface LoadMessage {
  readonly topic: Buffer;
  readonly payload: readonly Buffer[];
  readonly tag: number;
}

/** What a publisher sends next; undefined when there is nothing to send now. */
export type NextMessage = () => LoadMessage | undefined;

export interface PublisherOptions {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
  /** Unacknowledged messages at most. */
  readonly window: number;
  readonly next: NextMessage;
  /** Called for each PUBACK with the message's tag and the milliseconds since it was (first) sent. */
  readonly onAcknowledged: (tag: number, latencyMs: number) => void;
  /** Reconnects and sends what is unacknowledged again with DUP, as MQTT asks. Else a lost connection is an error. */
  readonly reconnects: boolean;
}

interface InFlight {
  readonly packet: Buffer;
  readonly tag: number;
  readonly sentAt: number;
}

const connackType = 0x20;
const pubackType = 0x40;
const dupBit = 0x08;
const maxPacketId = 65_535;
const reconnectDelayMs = 50;

/**
 * One MQTT 3.1.1 client with a durable session that publishes QoS 1 as fast as the window allows, with as little work of its own as can
 * be: it measures the door, not itself.
 */
export function createPublisher(options: PublisherOptions) {
  const inFlight = new Map<number, InFlight>();
  let packetId = 0;
  let socket: Socket | undefined;
  let isConnected = false;
  let isPaused = false;
  let isClosed = false;
  let rest: Buffer = Buffer.alloc(0);
  let finish: (() => void) | undefined;
  let fail: ((error: Error) => void) | undefined;
  let reconnect: NodeJS.Timeout | undefined;
  const done = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  let isExhausted = false;

  function connect(): void {
    rest = Buffer.alloc(0);
    isPaused = false;
    const opened = createConnection({ host: options.host, port: options.port, noDelay: true });
    socket = opened;
    opened.on("connect", () => opened.write(connectPacket(options)));
    opened.on("data", read);
    opened.on("error", () => opened.destroy());
    opened.on("close", () => {
      isConnected = false;
      if (isClosed) return;
      if (options.reconnects) reconnect = setTimeout(connect, reconnectDelayMs);
      else fail?.(new Error(`${options.clientId}: the connection was closed`));
    });
    opened.on("drain", () => {
      isPaused = false;
      pump();
    });
  }

  function read(data: Buffer): void {
    const bytes = rest.length === 0 ? data : Buffer.concat([rest, data]);
    const now = performance.now();
    let at = 0;
    while (at + 4 <= bytes.length) {
      const type = bytes[at]! & 0xf0;
      if (type === pubackType) acknowledge((bytes[at + 2]! << 8) | bytes[at + 3]!, now);
      else if (type === connackType) {
        // 3: cannot take anything now (MQTT 3.1.1, 3.2.2.3); a device tries again.
        if (bytes[at + 3] === 3 && options.reconnects) return void socket?.destroy();
        if (bytes[at + 3] !== 0) {
          fail?.(new Error(`${options.clientId}: connection refused with code ${bytes[at + 3]}`));
          return close();
        }
        isConnected = true;
        for (const message of inFlight.values()) {
          message.packet[0]! |= dupBit;
          socket?.write(message.packet);
        }
      }
      at += 2 + bytes[at + 1]!;
    }
    rest = at === bytes.length ? Buffer.alloc(0) : bytes.subarray(at);
    pump();
  }

  function acknowledge(id: number, now: number): void {
    const message = inFlight.get(id);
    if (message === undefined) return;
    inFlight.delete(id);
    options.onAcknowledged(message.tag, now - message.sentAt);
  }

  function pump(): void {
    if (!isConnected || isPaused || isClosed || socket === undefined) return;
    const messages: LoadMessage[] = [];
    let bytes = 0;
    while (!isExhausted && inFlight.size + messages.length < options.window) {
      const message = options.next();
      if (message === undefined) break;
      messages.push(message);
      bytes += maxHeaderBytes + message.topic.length;
      for (const part of message.payload) bytes += part.length;
    }
    if (messages.length > 0) isPaused = !socket.write(putAll(messages, Buffer.allocUnsafe(bytes)));
    if (isExhausted && inFlight.size === 0) {
      close();
      finish?.();
    }
  }

  function putAll(messages: readonly LoadMessage[], into: Buffer): Buffer {
    const sentAt = performance.now();
    let at = 0;
    for (const message of messages) {
      do packetId = packetId === maxPacketId ? 1 : packetId + 1;
      while (inFlight.has(packetId));
      const end = putPublish(message, packetId, { into, at });
      inFlight.set(packetId, { packet: into.subarray(at, end), tag: message.tag, sentAt });
      at = end;
    }
    return into.subarray(0, at);
  }

  function close(): void {
    isClosed = true;
    clearTimeout(reconnect);
    if (socket?.writable && isConnected) socket.end(Buffer.from([0xe0, 0]));
    else socket?.destroy();
  }

  connect();
  return {
    /** Sends what `next` has now; for paced loads. */
    pump,
    /** No more messages: `done` resolves when all are acknowledged. */
    exhaust(): void {
      isExhausted = true;
      pump();
    },
    close,
    done,
    inFlightTags: () => [...inFlight.values()].map((message) => message.tag),
  };
}

function connectPacket(options: PublisherOptions): Buffer {
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
  };
  // MQTT 3.1.1, clause 3.1: protocol level 4, user name and password flags, keep alive 60 s.
  const flags = 0xc0;
  const body = Buffer.concat([
    text("MQTT"),
    Buffer.from([4, flags, 0, 60]),
    text(options.clientId),
    text(options.username),
    text(options.password),
  ]);
  return Buffer.concat([Buffer.from([0x10]), remainingLength(body.length), body]);
}

/** Fixed header with 4 bytes of length, topic length, packet id. */
const maxHeaderBytes = 9;

function putPublish(message: LoadMessage, id: number, place: { into: Buffer; at: number }): number {
  const { into } = place;
  let { at } = place;
  let length = 4 + message.topic.length;
  for (const part of message.payload) length += part.length;
  into[at++] = 0x32; // PUBLISH, QoS 1
  do {
    into[at++] = (length & 0x7f) | (length > 0x7f ? 0x80 : 0);
    length >>= 7;
  } while (length > 0);
  into[at++] = message.topic.length >> 8;
  into[at++] = message.topic.length & 0xff;
  at += message.topic.copy(into, at);
  into[at++] = id >> 8;
  into[at++] = id & 0xff;
  for (const part of message.payload) at += part.copy(into, at);
  return at;
}

function remainingLength(total: number): Buffer {
  const bytes: number[] = [];
  let length = total;
  do {
    const rest = Math.floor(length / 128);
    bytes.push((length % 128) | (rest > 0 ? 0x80 : 0));
    length = rest;
  } while (length > 0);
  return Buffer.from(bytes);
}
