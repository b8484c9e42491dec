import { StoreUnavailableError } from "../errors.ts";

/** What the server answers; where it does not, the store is unavailable: nothing of the call counts as done. */
export async function askServer<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new StoreUnavailableError(`expected ${what} from NATS, came: ${text}`, { cause });
  }
}
