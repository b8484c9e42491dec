import type { Cause, ConnectionLimits } from "./connection-port.ts";
import type { Line } from "./line.ts";
import { reason } from "./reason-codes.ts";

/** Why a connection that has not said CONNECT is to be closed; undefined: not yet. */
export function waited(forMs: number, limits: ConnectionLimits): Cause | undefined {
  if (forMs <= limits.connectTimeoutMs) return undefined;
  return { why: "connect_timeout", detail: `no CONNECT within ${limits.connectTimeoutMs} ms` };
}

/** Why a client is to be cut off: it does not read, or is not heard any more. */
export function overdue(
  of: { readonly line: Line; readonly keepAliveMs: number; readonly limits: ConnectionLimits },
  now: number,
): Cause | undefined {
  const { line, keepAliveMs, limits } = of;
  if (line.stalledMs(now) > limits.writeTimeoutMs) return { why: "not_reading", detail: "its replies are not read" };
  // The coarse clock that tells when it was heard may be one look old.
  if (keepAliveMs === 0 || line.silentMs(now) <= keepAliveMs + limits.lookEveryMs) return undefined;
  return { why: "keep_alive", code: reason.keepAliveTimeout, detail: `silent for more than ${keepAliveMs} ms` };
}
