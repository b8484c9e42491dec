import { BlockList, isIP } from "node:net";

/** RFC 1122, 3.2.1.3 and RFC 4291, 2.5.3. */
const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Whether only this machine can reach what listens on the host. A name other than `localhost` may resolve to anything: false. */
export function isLoopback(host: string): boolean {
  const address = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  const family = isIP(address);
  if (family === 0) return address.toLowerCase() === "localhost";
  return loopback.check(address, family === 4 ? "ipv4" : "ipv6");
}

export interface Binding {
  readonly host: string;
  readonly tls: boolean;
  /** False where anybody may use it without a credential or a token. Absent: true. */
  readonly credentials?: boolean;
  /** What listens, and the variables that set it: `the MQTT door (MESSNETZ_MQTT_HOST, MESSNETZ_MQTT_TLS_*)`. */
  readonly what: string;
}

export class UnsafeBindingError extends Error {
  override readonly name = "UnsafeBindingError";
}

/** Throws an `UnsafeBindingError` that says what to do when other machines could reach what is not protected. */
export function assertSafeBinding(binding: Binding): void {
  if (isLoopback(binding.host)) return;
  const lacks = [
    ...(binding.tls ? [] : ["TLS: passwords, tokens and readings could be read and changed on the way"]),
    ...(binding.credentials === false ? ["credentials: anybody could use it"] : []),
  ];
  if (lacks.length === 0) return;
  throw new UnsafeBindingError(
    `${binding.what} is to listen on ${binding.host || "every address"}, which other machines can reach, but has no ${lacks.join("; and no ")}. ` +
      `Set a certificate and key (and credentials), or listen on 127.0.0.1 and let a proxy that speaks TLS stand in front.`,
  );
}
