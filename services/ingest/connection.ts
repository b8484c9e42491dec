import type { Socket } from "node:net";
import type { IDisconnectPacket } from "mqtt-packet";
import type { Replies } from "./batch.ts";
import { expiryAtEnd, readConnect, type Will } from "./connect-request.ts";
import type { Cause, Connection, ConnectionContext } from "./connection-port.ts";
import type { ProtocolVersion } from "./control-packets.ts";
import { admit, type Admission, refusalReason } from "./entry.ts";
import { createFraming, type Frame } from "./framing.ts";
import { framingCause } from "./framing-cause.ts";
import { createLine } from "./line.ts";
import { packetKind } from "./packet-kind.ts";
import { overdue, waited } from "./overdue.ts";
import { part } from "./parting.ts";
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

/** Of a CONNECT with its will: who is not let in yet gets little memory. */
const maxConnectBytes = 16_384;
/** Open QoS 2 packet ids per session, in receive maxima: a client may have left some behind. */
const openIdsFactor = 16;

/** One client of the door, from its first byte to its last. */
export function createConnection(socket: Socket, context: ConnectionContext): Connection {
  const { intake, limits, control, events } = context;
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
  /** CONNACK has been sent. */
  let isAnswered = false;
  let isClosed = false;
  let unacknowledged = 0;
  let inFlightBytes = 0;

  const framing = createFraming(maxPacketBytes, onFrame);
  const line = createLine(socket, context.now, (chunk) => guarded(() => read(chunk)));
  socket.on("error", (error) => close({ why: "client", detail: error.message }));
  socket.on("close", () => {
    close({ why: "client", detail: "closed" });
    context.onClosed(connection);
  });

  /** A fault of the software ends this connection, and nothing else. */
  function guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      events.faulted("connection", error);
      close({ why: "fault", code: reason.implementationError, detail: String(error) });
    }
  }

  function read(chunk: Buffer): void {
    const fault = framing.push(chunk);
    if (fault !== undefined) close(framingCause(fault, maxPacketBytes()));
  }

  function maxPacketBytes(): number {
    return admission === undefined ? Math.min(maxConnectBytes, limits.maxPacketBytes) : limits.maxPacketBytes;
  }

  function onFrame(buffer: Buffer, frame: Frame): boolean {
    const kind = buffer[frame.start]! >> 4;
    if (kind === packetKind.publish && admission !== undefined) onPublish(buffer, frame, admission);
    else {
      const bytes = buffer.subarray(frame.start, frame.end);
      if (admission !== undefined) onControl(bytes, kind, admission);
      else if (kind === packetKind.connect) onConnect(bytes, frame.bodyStart - frame.start);
      else protocolFault(reason.protocolError, `the first packet is of type ${kind}, not CONNECT`);
    }
    return !isClosed;
  }

  function onConnect(bytes: Buffer, bodyAt: number): void {
    const request = readConnect(control, bytes, bodyAt);
    version = request.version;
    if ("code" in request)
      return request.isMalformed && version === 4
        ? protocolFault(request.code, request.detail)
        : refuse(request.code, request.detail);
    const admitted = admit(context, request, connection);
    if (typeof admitted === "number")
      return refuse(admitted, `user name ${request.username?.slice(0, 64) ?? "(none)"}`);
    admission = admitted;
    expiryMs = admitted.expiryMs;
    will = request.will;
    keepAliveMs = request.keepAliveMs;
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
    const { qos, packetId, topic, payload, isDuplicate } = publish;
    if (qos === 2 && session.openPacketIds.has(packetId)) {
      unreleased.add(packetId);
      return intake.after(connection, received(packetId));
    }
    if (qos > 0 && isFull(session.openPacketIds.size))
      return close({ why: "receive_maximum", code: reason.receiveMaximumExceeded, detail: "too many unacknowledged" });
    if (qos === 1) unacknowledged++;
    if (qos === 2) {
      unreleased.add(packetId);
      session.openPacketIds.add(packetId);
    }
    inFlightBytes += intake.receive(
      { source, client: session.client, topic, payload, qos, packetId, isDuplicate, isDurable: session.isDurable },
      connection,
    );
    if (inFlightBytes > limits.maxInFlightBytes || unacknowledged > limits.receiveMaximum) line.pause("in_flight");
  }

  /** MQTT 5.0, 3.3.4. A client of 3.1.1 knows no maximum: it is not read for a while instead. */
  function isFull(openIds: number): boolean {
    if (openIds >= limits.receiveMaximum * openIdsFactor) return true;
    return version === 5 && unacknowledged + unreleased.size >= limits.receiveMaximum;
  }

  function onControl(bytes: Buffer, kind: number, { session }: Admission): void {
    if (kind === packetKind.pingreq && bytes[0] === packetKind.pingreq << 4 && bytes.length === 2)
      return reply(pingResponse);
    const packet = control.read(bytes, version);
    if (typeof packet === "string") return protocolFault(reason.malformedPacket, packet);
    const { messageId = 0 } = packet;
    const needsId = kind >= packetKind.puback && kind <= packetKind.unsubscribe;
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
    const { session, client } = admission!;
    const packet = completion(packetId, !wasOpen && version === 5);
    intake.forgetDelivery(client, packetId);
    if (wasOpen && session.isDurable) intake.change([{ kind: "released", client, packetId }], connection, packet);
    else intake.after(connection, packet);
  }

  /** SUBSCRIBE and UNSUBSCRIBE need at least one filter (MQTT 5.0, 3.8.3 and 3.10.3). */
  function onRequest(count: number, answer: (count: number) => Buffer): void {
    if (count === 0) return protocolFault(reason.protocolError, "no topic filter");
    reply(answer(count));
  }

  /** What waits for nothing durable; but nothing goes before CONNACK. */
  function reply(packet: Buffer): void {
    if (isAnswered) line.write(packet);
    else intake.after(connection, packet);
  }

  function onDisconnect(packet: IDisconnectPacket): void {
    const expiry = expiryAtEnd(packet, expiryMs);
    if (expiry === undefined) return protocolFault(reason.protocolError, "a session expiry that was 0 in CONNECT");
    expiryMs = Math.min(expiry, limits.maxSessionExpiryMs);
    if ((packet.reasonCode ?? 0) === reason.success) will = undefined;
    close({ why: "client", detail: `DISCONNECT ${packet.reasonCode ?? 0}` });
  }

  function protocolFault(code: ReasonCode, detail: string): void {
    close({ why: "protocol", code, detail });
  }

  function refuse(code: ReasonCode, detail: string): void {
    isClosed = true;
    events.refused(refusalReason(code), address, detail);
    line.end(rejection(version, code));
  }

  /** Throws nothing: what closes connections is the timers' and the sockets' work too. */
  function close(cause: Cause): void {
    if (isClosed) return;
    isClosed = true;
    guarded(() => {
      line.end(version === 5 && isAnswered && cause.code !== undefined ? farewell(cause.code) : undefined);
      if (admission !== undefined) part(context, cause, { connection, admission, will, expiryMs });
      else if (cause.why !== "client") events.refused(cause.why, address, cause.detail);
    });
  }

  const connection: Connection = {
    durable({ packets, acknowledged, bytes }: Replies) {
      if (isClosed) return;
      isAnswered = true;
      unacknowledged -= acknowledged;
      inFlightBytes -= bytes;
      guarded(() => {
        if (packets.length > 0) line.write(packets);
        if (inFlightBytes <= limits.maxInFlightBytes / 2 && unacknowledged <= limits.receiveMaximum / 2)
          line.resume("in_flight");
      });
    },
    heldBytes: () => framing.heldBytes(),
    sourceId: () => admission?.source.id,
    close,
    pause() {
      if (admission !== undefined) line.pause("pressure");
    },
    resume: () => line.resume("pressure"),
    look(now) {
      line.look(now);
      if (isClosed) return;
      const cause = admission === undefined ? waited(now - since, limits) : overdue({ line, keepAliveMs, limits }, now);
      if (cause !== undefined) close(cause);
    },
  };
  return connection;
}
