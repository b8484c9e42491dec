import type { InfluxAddress } from "./options.ts";

interface Server {
  readonly url: string;
  readonly database: string;
  readonly org?: string;
  readonly writer: { readonly username?: string; readonly password?: string; readonly token?: string };
}

/** How the store comes into a server that a test has started. */
export function accountOf({ url, database, org, writer }: Server): InfluxAddress {
  return { url, database, ...(org === undefined ? {} : { org }), ...writer, timeoutMs: 10_000 };
}
