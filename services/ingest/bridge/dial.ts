import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { addressOf } from "./bridge-file-schema.ts";
import type { BridgePlan } from "./bridge-file.ts";
import type { BrokerAccess } from "./read-access.ts";

/** Finds out about a broker that vanished without a word, beside the keep-alive of MQTT. */
const tcpKeepAliveMs = 60_000;

/** Begins to connect. `onReached` is called when the broker can be spoken to. Who the broker is is always checked where there is TLS, also with NODE_TLS_REJECT_UNAUTHORIZED=0. */
export function dial(broker: BridgePlan["broker"], access: BrokerAccess, onReached: () => void): Socket {
  const { host, port, isTls } = addressOf(broker.url);
  const tcp = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: tcpKeepAliveMs };
  if (!isTls) return connect(tcp, onReached);
  const serverName = broker.tls?.serverName ?? (isIP(host) === 0 ? host : undefined);
  const named = serverName === undefined ? {} : { servername: serverName };
  return connectTls({ ...tcp, ...access.tls, ...named, minVersion: "TLSv1.2", rejectUnauthorized: true }, onReached);
}
