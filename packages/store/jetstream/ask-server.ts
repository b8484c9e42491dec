import type { NatsLink } from "@messnetz/nats";
import { StoreUnavailableError } from "../errors.ts";

/**
 * What the server answers; where it does not, the store is unavailable: nothing of the call counts as done. Does not wait for an answer that
 * cannot come, because the connection is gone.
 */
export async function askServer<T>(link: NatsLink, what: string, ask: () => Promise<T>): Promise<T> {
  const { promise: loss, reject } = Promise.withResolvers<never>();
  const lost = (): void => reject(new Error("the connection was lost"));
  const stopListening = link.onDisconnect(lost);
  if (!link.isConnected()) lost();
  try {
    return await Promise.race([loss, link.isConnected() ? ask() : loss]);
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new StoreUnavailableError(`expected ${what} from NATS, came: ${text}`, { cause });
  } finally {
    stopListening();
  }
}
