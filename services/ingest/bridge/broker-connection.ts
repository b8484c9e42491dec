import type { DeviceRequest } from "@messnetz/formats";
import { neverExpiresMs } from "@messnetz/model";
import type { Replies, Sender } from "../batch.ts";
import { createFraming, type Frame } from "../framing.ts";
import { createLine } from "../line.ts";
import { packetKind } from "../packet-kind.ts";
import { createPublish } from "../publish-parser.ts";
import { completion } from "../replies.ts";
import type { BrokerConnection, BrokerConnectionOptions } from "./broker-connection-port.ts";
import { readBrokerPublish } from "./broker-publish.ts";
import type { Ending, LeaveReason } from "./connection-ending.ts";
import { createMqttClient } from "./create-mqtt-client.ts";
import { dial } from "./dial.ts";
import { createSubscription } from "./subscription.ts";

const forMqttJs: ReadonlySet<number> = new Set([
  packetKind.connack,
  packetKind.suback,
  packetKind.unsuback,
  packetKind.pingresp,
  packetKind.disconnect,
  packetKind.auth,
]);

/** MQTT 5.0, 3.14: without a reason it is a normal one, and the session lives on as agreed. */
const disconnectPacket = Buffer.from([0xe0, 0]);

/**
 * One connection to a broker, from dialling to its end. mqtt.js speaks the protocol with the broker; publishes go straight to the intake,
 * and their PUBACKs come back from it after each commit, in order and in one piece. What was not acknowledged on this connection is never
 * acknowledged on a later one, where its packet id may stand for something else: the broker sends it again.
 */
export function openBrokerConnection(options: BrokerConnectionOptions): BrokerConnection {
  const { plan, version, intake, events, limits, client, now } = options;
  const { broker, session } = plan;
  const { promise: ended, resolve } = Promise.withResolvers<Ending>();
  const publish = createPublish();
  const target = { publish, version };
  let isReached = false;
  let acceptedAt: number | undefined;
  let refusedCode: number | undefined;
  let lastCode: number | undefined;
  let leaving: LeaveReason | undefined;
  let isClosed = false;
  let detail: string | undefined;
  let unacknowledged = 0;
  let inFlightBytes = 0;
  let pingedAt = now();

  const socket = dial(broker, options.access, () => (isReached = true));
  const framing = createFraming(() => limits.maxPacketBytes, onFrame, "cut");
  const line = createLine(socket, now, onData);
  const { mqtt, control: stream } = createMqttClient(options, {
    write: (bytes) => line.write(bytes),
    onDone: cut,
  });
  const subscription = createSubscription({ mqtt, session, events, answerWithinMs: limits.answerWithinMs, now, end });

  socket.on("error", (error) => end(error.message));
  socket.on("close", finish);
  mqtt.on("error", (error) => end(error.message));
  mqtt.on("connect", ({ properties }) => {
    if (
      properties?.sessionExpiryInterval !== undefined &&
      properties.sessionExpiryInterval < broker.sessionExpirySeconds
    )
      events.shorterSession(session.name, properties.sessionExpiryInterval);
    subscription.begin();
  });
  mqtt.on("disconnect", ({ reasonCode = 0 }) => {
    lastCode = reasonCode;
    end(`the broker said DISCONNECT, reason 0x${reasonCode.toString(16)}`);
  });

  /** The first reason is the one that is told. */
  function end(why: string): void {
    detail ??= why;
    cut();
  }

  function cut(): void {
    if (leaving === undefined) socket.destroy();
  }

  function finish(): void {
    isClosed = true;
    stream.destroy();
    if (acceptedAt !== undefined)
      intake.change([{ kind: "closed", client, expiryMs: expiryMs(), at: options.clock() }]);
    resolve(ending());
  }

  function ending(): Ending {
    const text = detail ?? "the broker closed the connection";
    if (leaving !== undefined) return { kind: "left", why: leaving };
    if (refusedCode !== undefined) return { kind: "refused", code: refusedCode, detail: text };
    if (acceptedAt === undefined) return { kind: "unanswered", isReached, detail: text };
    const lastedMs = performance.now() - acceptedAt;
    return { kind: "lost", lastedMs, detail: text, ...(lastCode !== undefined && { code: lastCode }) };
  }

  /** MQTT 5.0, 3.1.2.11.2; a broker of 3.1.1 keeps a session as long as it likes. */
  function expiryMs(): number {
    const seconds = broker.sessionExpirySeconds;
    return version === 4 || seconds === 0xffff_ffff ? neverExpiresMs : seconds * 1000;
  }

  function onData(chunk: Buffer): void {
    try {
      const fault = framing.push(chunk);
      if (fault !== undefined) end(`the broker does not speak MQTT (${fault})`);
    } catch (error) {
      events.faulted(session.name, error);
      end(String(error));
    }
    if (events.flush(session.name)) options.onHeard();
  }

  function onFrame(buffer: Buffer, frame: Frame): boolean {
    const kind = buffer[frame.start]! >> 4;
    if (acceptedAt === undefined && kind !== packetKind.connack && kind !== packetKind.auth)
      end(`a packet of type ${kind} before CONNACK`);
    else if (kind === packetKind.publish) onPublish(buffer, frame);
    else if (kind === packetKind.pubrel) onRelease(buffer, frame);
    else if (frame.cutBytes > 0) end(`a packet of type ${kind} of more than ${limits.maxPacketBytes} bytes`);
    else {
      if (kind === packetKind.connack) onAnswer(buffer, frame);
      handOver(kind, buffer.subarray(frame.start, frame.end));
    }
    return !isClosed && !socket.destroyed;
  }

  /** To mqtt.js, what a broker may say and its parser can read: what that throws for, nobody could catch. */
  function handOver(kind: number, bytes: Buffer): void {
    if (!forMqttJs.has(kind)) return end(`a packet of type ${kind}, which no broker sends to one who only subscribes`);
    const packet = options.control.read(bytes, version);
    if (typeof packet === "string") return end(`a packet of type ${kind} that cannot be read: ${packet}`);
    stream.push(bytes);
  }

  /** CONNACK: session present, and whether it says yes (MQTT 5.0, 3.2.2). mqtt.js reads the rest. */
  function onAnswer(buffer: Buffer, frame: Frame): void {
    if (frame.end - frame.bodyStart < 2 || acceptedAt !== undefined) return;
    const code = buffer[frame.bodyStart + 1]!;
    if (code !== 0) {
      refusedCode = code;
      return;
    }
    acceptedAt = performance.now();
    const isPresent = (buffer[frame.bodyStart]! & 1) === 1;
    const opened = { kind: "opened", client, expiryMs: expiryMs(), at: options.clock() } as const;
    // A session that is new has nothing to repeat: what looks like it came in this one, and got lost with a connection.
    if (!isPresent) intake.forgetDeliveries(client);
    intake.change(isPresent ? [opened] : [{ kind: "ended", client }, opened]);
    events.connected(session.name, { broker: broker.name, version: version === 5 ? "5" : "3.1.1", isPresent });
    options.onAccepted(isPresent);
    if (intake.isPaused()) line.pause("pressure");
  }

  function onPublish(buffer: Buffer, frame: Frame): void {
    const read = readBrokerPublish(buffer, frame, target);
    if (read === false) return end("a PUBLISH that cannot be read");
    const { qos, packetId, topic, payload, isDuplicate } = publish;
    events.received(session.name, qos);
    if (publish.isRetained && session.retained === "ignore") return passOver(qos, packetId);
    if (!subscription.expects(topic)) events.unexpectedTopic(session.name, topic);
    if (qos === 1) unacknowledged++;
    // Of QoS 2, which nobody asked for, the packet id is open no longer than this connection: a repeat is known as one of QoS 1 is.
    const arrival = {
      source: options.source(),
      client,
      topic,
      payload,
      qos,
      packetId,
      isDuplicate,
      isDurable: qos === 1,
    };
    const { refusal } = read;
    inFlightBytes += intake.receive(refusal === undefined ? arrival : { ...arrival, refusal }, connection);
    if (inFlightBytes > limits.maxInFlightBytes || unacknowledged > broker.receiveMaximum) line.pause("in_flight");
  }

  /** Acknowledged in its turn, and not taken. */
  function passOver(qos: 0 | 1 | 2, packetId: number): void {
    events.retainedIgnored(session.name);
    if (qos === 0) return;
    intake.after(connection, Buffer.from([qos === 1 ? 0x40 : 0x50, 2, packetId >> 8, packetId & 0xff]));
  }

  function onRelease(buffer: Buffer, frame: Frame): void {
    if (frame.end - frame.bodyStart < 2) return end("a PUBREL without a packet id");
    const packetId = buffer.readUInt16BE(frame.bodyStart);
    intake.forgetDelivery(client, packetId);
    intake.after(connection, completion(packetId, false));
  }

  function durable({ packets, acknowledged, bytes }: Replies): void {
    if (isClosed || leaving !== undefined || socket.destroyed) return;
    unacknowledged -= acknowledged;
    inFlightBytes -= bytes;
    if (packets.length > 0) line.write(packets);
    if (acknowledged > 0) events.acknowledged(session.name, acknowledged);
    if (inFlightBytes <= limits.maxInFlightBytes / 2 && unacknowledged <= broker.receiveMaximum / 2)
      line.resume("in_flight");
  }

  /** At QoS 0: what is lost is asked for again when the device speaks again. */
  function ask({ topic, payload, why }: DeviceRequest): void {
    if (isClosed || leaving !== undefined || acceptedAt === undefined || !options.mayAsk(topic)) return;
    mqtt.publish(topic, Buffer.from(payload), { qos: 0 });
    events.asked(session.name, topic, why);
  }

  /** Who does not read does not hear the answers to its pings: the connection is kept up without them. */
  function keepUp(at: number): void {
    mqtt.reschedulePing(true);
    if (at - pingedAt < (broker.keepAliveSeconds * 1000) / 2) return;
    pingedAt = at;
    mqtt.sendPing();
  }

  const connection: BrokerConnection & Sender = {
    ended,
    durable,
    ask,
    unacknowledged: () => unacknowledged,
    trouble: () => (acceptedAt === undefined ? "the broker has not answered yet" : subscription.trouble()),
    pause() {
      if (acceptedAt !== undefined) line.pause("pressure");
    },
    resume: () => line.resume("pressure"),
    look(at) {
      line.look(at);
      if (isClosed || leaving !== undefined) return;
      if (line.stalledMs(at) > limits.writeTimeoutMs) return end("the broker does not read its acknowledgements");
      if (acceptedAt === undefined) return;
      if (line.isPaused()) keepUp(at);
      else subscription.look(at);
    },
    leave(why) {
      if (isClosed || leaving !== undefined) return;
      leaving = why;
      line.end(acceptedAt === undefined ? undefined : disconnectPacket);
    },
  };
  return connection;
}
