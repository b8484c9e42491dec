import type { Duplex } from "node:stream";
import { MqttClient } from "mqtt";
import type { BrokerConnectionOptions } from "./broker-connection-port.ts";
import { createControlStream } from "./control-stream.ts";

/** mqtt.js for one connection: it says CONNECT, pings, subscribes, and never connects again by itself. */
export function createMqttClient(
  { plan: { broker, session }, version, access, limits }: BrokerConnectionOptions,
  line: { readonly write: (bytes: Uint8Array) => void; readonly onDone: () => void },
): { readonly mqtt: MqttClient; readonly control: Duplex } {
  const control = createControlStream(line);
  const mqtt = new MqttClient(() => control, {
    clientId: session.name,
    clean: false,
    protocolVersion: version,
    keepalive: broker.keepAliveSeconds,
    connectTimeout: limits.answerWithinMs,
    reconnectPeriod: 0,
    resubscribe: false,
    log: () => {},
    ...(broker.username !== undefined && { username: broker.username }),
    ...(access.password !== undefined && { password: access.password }),
    ...(version === 5 && {
      properties: { receiveMaximum: broker.receiveMaximum, sessionExpiryInterval: broker.sessionExpirySeconds },
    }),
  });
  return { mqtt, control };
}
