import type { Socket } from "node:net";
import type { IConnectPacket, IDisconnectPacket } from "mqtt-packet";
import type { Replies, Sender } from "./batch.ts";
import { expiryMs as toExpiryMs, readConnect, readVersion, type Will } from "./connect-request.ts";
import type { ControlPackets, ProtocolVersion } from "./control-packets.ts";
import { admit, type Admission, type EntryContext, type EntryLimits } from "./entry.ts";
import type { CloseReason, IngestEvents } from "./events.ts";
import { createFraming, type Frame } from "./framing.ts";
import { createLine } from "./line.ts";
import { createPublish, readPublish } from "./publish-parser.ts";
import { readPublishProperties, type TopicAliases } from "./publish-properties.ts";
import { reason, type ReasonCode } from "./reason-codes.ts";
import {
  completion,
  farewell,
  pingResponse,
  received,
  rejection,
  subscriptionRefusal,
  unsubscription,
} from "./replies.ts";

export interface ConnectionLimits extends EntryLimits {
  readonly connectTimeoutMs: number;
  /** How long a client may leave its replies unread. */
  readonly writeTimeoutMs: number;
  /** Above it the connection is not read, below half of it it is again. */
  readonly maxInFlightBytes: number;
  readonly lookEveryMs: number;
}

export interface ConnectionContext extends EntryContext {
  readonly limits: ConnectionLimits;
  readonly control: ControlPackets;
  readonly events: IngestEvents;
  /** Milliseconds, monotonic, moves when the door looks around. */
  readonly now: () => number;
  readonly onAdmitted: (connection: Connection, client: string) => void;
  /** It speaks for the client no longer. */
  readonly onLeft: (connection: Connection, client: string) => void;
  /** Its socket is gone. */
  readonly onClosed: (connection: Connection) => void;
}

export interface Cause {
  readonly why: CloseReason;
  /** For MQTT 5 clients; absent: the connection is cut without a word. */
  readonly code?: ReasonCode;
  readonly detail: string;
}

export interface Connection extends Sender {
  /** Undefined until CONNECT was accepted. */
  sourceId(): string | undefined;
  close(cause: Cause): void;
  pause(): void;
  resume(): void;
  /** Sees to timeouts. */
  look(now: number): void;
}

/** Types of control packets (MQTT 5.0, 2.1.2). */
const type = {
  connect: 1,
  publish: 3,
  puback: 4,
  pubcomp: 7,
  pubrel: 6,
  subscribe: 8,
  unsubscribe: 10,
  pingreq: 12,
  disconnect: 14,
  auth: 15,
};
/** MQTT 5.0, 3.1.2.10. */
const keepAliveFactor = 1.5;
/** Open QoS 2 packet ids per session, in receive maxima: a client may have left some behind. */
const openIdsFactor = 16;
/** We closed, the device is not gone: its will would be an untruth. */
const willless: ReadonlySet<CloseReason> = new Set(["shutdown", "unavailable"]);

/** One client of the door, from its first byte to its last. */
export function createConnection(socket: Socket, context: ConnectionContext): Connection {
  const { intake, limits, control, events, sessions } = context;
  const address = socket.remoteAddress ?? "";
  const since = context.now();
  const publish = createPublish();
  const aliases: TopicAliases = new Map();
  /** QoS 2 packet ids of this connection that are not released: they count for the receive maximum. */
  const unreleased = new Set<number>();
  let version: ProtocolVersion = 4;
  let admission: Admission | undefined;
  let expiryMs = 0;
  let keepAliveMs = 0;
  let will: Will | undefined;
  let isClosed = false;
  let unacknowledged = 0;
  let inFlightBytes = 0;

  const framing = createFraming(() => limits.maxPacketBytes, onFrame);
  const line = createLine(socket, context.now, (chunk) => {
    const fault = framing.push(chunk);
    if (fault === "packet_too_large")
      close({
        why: "packet_too_large",
        code: reason.packetTooLarge,
        detail: `more than ${limits.maxPacketBytes} bytes`,
      });
    else if (fault !== undefined) protocolFault(reason.malformedPacket, fault);
  });
  socket.on("error", (error) => close({ why: "client", detail: error.message }));
  socket.on("close", () => {
    close({ why: "client", detail: "closed" });
    context.onClosed(connection);
  });

  function onFrame(buffer: Buffer, frame: Frame): boolean {
    const kind = buffer[frame.start]! >> 4;
    if (admission === undefined) {
      if (kind === type.connect) onConnect(buffer.subarray(frame.start, frame.end), frame.bodyStart - frame.start);
      else protocolFault(reason.protocolError, `the first packet is of type ${kind}, not CONNECT`);
    } else if (kind === type.publish) onPublish(buffer, frame, admission);
    else onControl(buffer.subarray(frame.start, frame.end), kind, admission);
    return !isClosed;
  }

  function onConnect(bytes: Buffer, bodyAt: number): void {
    const spoken = readVersion(bytes.subarray(bodyAt));
    if (spoken === undefined) return refuse(reason.unsupportedProtocolVersion, "not MQTT 3.1, 3.1.1 or 5");
    version = spoken;
    const packet = control.read(bytes, version);
    if (typeof packet === "string") return protocolFault(reason.malformedPacket, packet);
    const request = readConnect(packet as IConnectPacket, version);
    if ("code" in request) {
      if (request.isMalformed && version === 4) return protocolFault(request.code, request.detail);
      return refuse(request.code, request.detail);
    }
    const admitted = admit(context, request, connection);
    if (typeof admitted === "number") return refuse(admitted, `user name ${request.username ?? "(none)"}`);
    admission = admitted;
    expiryMs = admitted.expiryMs;
    will = request.will;
    keepAliveMs = request.keepAliveMs * keepAliveFactor;
    context.onAdmitted(connection, admitted.client);
    events.opened();
    if (intake.isPaused()) line.pause("pressure");
  }

  function onPublish(buffer: Buffer, frame: Frame, { source, session }: Admission): void {
    const fault = readPublish(buffer, frame, { publish, version });
    if (fault === "properties") {
      const packet = { bytes: buffer.subarray(frame.start, frame.end), publish, control };
      const code = readPublishProperties(packet, aliases, limits);
      if (code !== undefined) return protocolFault(code, "PUBLISH properties");
    } else if (fault !== undefined)
      return protocolFault(
        fault === "packet_id_zero" ? reason.protocolError : reason.malformedPacket,
        `PUBLISH: ${fault}`,
      );

    const { qos, packetId } = publish;
    if (qos === 2) {
      const isOpen = session.openPacketIds.has(packetId);
      unreleased.add(packetId);
      session.openPacketIds.add(packetId);
      if (isOpen) return intake.after(connection, received(packetId));
    } else if (qos === 1) unacknowledged++;
    if (isOverReceiveMaximum(session.openPacketIds.size))
      return close({
        why: "receive_maximum",
        code: reason.receiveMaximumExceeded,
        detail: `more than ${limits.receiveMaximum}`,
      });

    const { topic, payload, isDuplicate } = publish;
    inFlightBytes += intake.receive(
      { source, client: session.client, topic, payload, qos, packetId, isDuplicate, isDurable: session.isDurable },
      connection,
    );
    if (inFlightBytes > limits.maxInFlightBytes || unacknowledged > limits.receiveMaximum) line.pause("in_flight");
  }

  /** MQTT 5.0, 3.3.4. A client of 3.1.1 knows no maximum: it is not read for a while instead. */
  function isOverReceiveMaximum(openIds: number): boolean {
    if (openIds > limits.receiveMaximum * openIdsFactor) return true;
    return version === 5 && unacknowledged + unreleased.size > limits.receiveMaximum;
  }

  function onControl(bytes: Buffer, kind: number, { session }: Admission): void {
    if (kind === type.pingreq && bytes[0] === type.pingreq << 4 && bytes.length === 2) return line.write(pingResponse);
    const packet = control.read(bytes, version);
    if (typeof packet === "string") return protocolFault(reason.malformedPacket, packet);
    const { messageId = 0 } = packet;
    const needsId = kind >= type.puback && kind <= type.unsubscribe;
    if (needsId && messageId < 1) return protocolFault(reason.protocolError, `packet id ${messageId} in type ${kind}`);
    switch (packet.cmd) {
      case "pubrel":
        return onRelease(messageId, session.openPacketIds.delete(messageId));
      case "subscribe":
        return onRequest(packet.subscriptions.length, (count) => subscriptionRefusal(version, messageId, count));
      case "unsubscribe":
        return onRequest(packet.unsubscriptions.length, (count) => unsubscription(version, messageId, count));
      case "disconnect":
        return onDisconnect(packet);
      case "puback":
      case "pubrec":
      case "pubcomp":
        // Answers to what an earlier server of this client may have sent; the door sends nothing that wants one.
        return;
      default:
        return protocolFault(reason.protocolError, `a client may not send ${packet.cmd} now`);
    }
  }

  function onRelease(packetId: number, wasOpen: boolean): void {
    unreleased.delete(packetId);
    const packet = completion(packetId, !wasOpen && version === 5);
    const { session, client } = admission!;
    if (wasOpen && session.isDurable) intake.change([{ kind: "released", client, packetId }], connection, packet);
    else intake.after(connection, packet);
  }

  /** SUBSCRIBE and UNSUBSCRIBE need at least one filter (MQTT 5.0, 3.8.3 and 3.10.3). */
  function onRequest(count: number, reply: (count: number) => Buffer): void {
    if (count === 0) return protocolFault(reason.protocolError, "no topic filter");
    intake.after(connection, reply(count));
  }

  function onDisconnect(packet: IDisconnectPacket): void {
    const expiry: unknown = packet.properties?.sessionExpiryInterval;
    if (expiry !== undefined) {
      // MQTT 5.0, 3.14.2.2.2: a session that was to end with the connection cannot be prolonged now.
      if (typeof expiry !== "number" || (expiryMs === 0 && expiry > 0))
        return protocolFault(reason.protocolError, "a session expiry that was 0 in CONNECT");
      expiryMs = Math.min(toExpiryMs(expiry), limits.maxSessionExpiryMs);
    }
    if ((packet.reasonCode ?? 0) === reason.success) will = undefined;
    close({ why: "client", detail: `DISCONNECT ${packet.reasonCode ?? 0}` });
  }

  function protocolFault(code: ReasonCode, detail: string): void {
    close({ why: "protocol", code, detail });
  }

  function refuse(code: ReasonCode, detail: string): void {
    isClosed = true;
    const why =
      code === reason.serverUnavailable
        ? "unavailable"
        : code === reason.unsupportedProtocolVersion
          ? "protocol"
          : "credentials";
    events.refused(why, address, detail);
    line.end(rejection(version, code));
  }

  function close(cause: Cause): void {
    if (isClosed) return;
    isClosed = true;
    if (admission === undefined) {
      if (cause.why !== "client") events.refused(cause.why, address, cause.detail);
      return line.end();
    }
    const { client, session } = admission;
    events.closed(cause.why, client, cause.detail);
    line.end(version === 5 && cause.code !== undefined ? farewell(cause.code) : undefined);
    context.onLeft(connection, client);
    if (will !== undefined && !willless.has(cause.why)) leaveWill(will, admission);
    const changes = sessions.close(session, expiryMs, context.clock());
    if (changes.length > 0) intake.change(changes);
  }

  function leaveWill({ topic, payload, delayMs }: Will, { source, client }: Admission): void {
    const send = (): void => {
      intake.receive({ source, client: "", topic, payload, qos: 0, packetId: 0, isDuplicate: false, isDurable: false });
    };
    const waitMs = Math.min(delayMs, expiryMs);
    if (waitMs === 0) send();
    else context.wills.schedule({ client, bytes: payload.length, dueAt: context.now() + waitMs }, send);
  }

  const connection: Connection = {
    durable({ packets, acknowledged, bytes }: Replies) {
      if (isClosed) return;
      unacknowledged -= acknowledged;
      inFlightBytes -= bytes;
      if (packets.length > 0) line.write(packets);
      if (inFlightBytes <= limits.maxInFlightBytes / 2 && unacknowledged <= limits.receiveMaximum / 2)
        line.resume("in_flight");
    },
    sourceId: () => admission?.source.id,
    close,
    pause() {
      if (admission !== undefined) line.pause("pressure");
    },
    resume: () => line.resume("pressure"),
    look(now) {
      line.look(now);
      if (isClosed) return;
      if (admission === undefined) {
        if (now - since > limits.connectTimeoutMs)
          close({ why: "connect_timeout", detail: `no CONNECT within ${limits.connectTimeoutMs} ms` });
      } else if (line.stalledMs(now) > limits.writeTimeoutMs)
        close({ why: "not_reading", detail: "its replies are not read" });
      // Heard at least once between two looks: the coarse clock may be that old.
      else if (keepAliveMs > 0 && line.silentMs(now) > keepAliveMs + limits.lookEveryMs)
        close({ why: "keep_alive", code: reason.keepAliveTimeout, detail: `silent for more than ${keepAliveMs} ms` });
    },
  };
  return connection;
}
