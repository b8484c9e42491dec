import type { InfluxAddress } from "./options.ts";

interface Account {
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
}

interface Server {
  readonly url: string;
  readonly database: string;
  readonly org?: string;
  readonly admin: Account;
  readonly writer: Account;
}

/** How the store comes into a server that a test has started. */
export function accountOf({ url, database, org, writer }: Server): InfluxAddress {
  return { url, database, ...(org === undefined ? {} : { org }), ...writer, timeoutMs: 10_000 };
}

function headersOf({ token, username, password }: Account): Record<string, string> {
  if (token !== undefined) return { authorization: `Token ${token}` };
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
}

interface Answer {
  readonly results: readonly {
    readonly error?: string;
    readonly series?: readonly { readonly values: unknown[][] }[];
  }[];
}

/** What the server says itself, not through our code: the rows of all statements. */
export async function ask(server: Server, statements: string, database = server.database): Promise<unknown[][]> {
  const response = await fetch(`${server.url}/query`, {
    method: "POST",
    headers: headersOf(server.admin),
    body: new URLSearchParams({ db: database, q: statements, epoch: "ms" }),
  });
  const { results } = (await response.json()) as Answer;
  return results.flatMap(({ error, series = [] }) => {
    if (error !== undefined) throw new Error(error);
    return series.flatMap(({ values }) => values);
  });
}

/** Lines of another client. */
export async function writeLines(server: Server, lines: readonly string[], database = server.database): Promise<void> {
  const { org } = server;
  const path =
    org === undefined
      ? `/write?db=${database}&precision=ms`
      : `/api/v2/write?org=${org}&bucket=${database}&precision=ms`;
  const response = await fetch(server.url + path, {
    method: "POST",
    headers: headersOf(server.admin),
    body: lines.join("\n"),
  });
  if (!response.ok) throw new Error(await response.text());
}
