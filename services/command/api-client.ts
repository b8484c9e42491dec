import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { text as readWhole } from "node:stream/consumers";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { z } from "zod";
import { CommandTrouble } from "./command-trouble.ts";
import { openDownload } from "./download.ts";

/** Where the API is and who asks, as the command line says it. */
export interface ApiAccess {
  readonly url?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly ca?: string | undefined;
}

export interface ApiRequest {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** From `/api/v1/` on, with its query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export interface DownloadOfApi {
  readonly path: string;
  readonly signal: AbortSignal;
}

export interface ApiClient {
  /** The good answer with its trailers, its body not yet read. Throws as `send` does. */
  download(request: DownloadOfApi): Promise<IncomingMessage>;
  /** The good answer, its body not yet read. Throws a CommandTrouble for every other one, and where no answer came. */
  send(request: ApiRequest): Promise<Response>;
  /** The same, with the JSON of the answer as the schema says. */
  ask<T>(schema: z.ZodType<T>, request: ApiRequest): Promise<T>;
}

const defaultUrl = "http://127.0.0.1:8080";

export interface ApiSettings extends ApiAccess {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly pathOf: (text: string) => string;
  readonly note: (line: string) => void;
}

/** Throws a CommandTrouble where the address is none, a file cannot be read or there is no token. */
export async function openApi(settings: ApiSettings): Promise<ApiClient> {
  const { environment, note } = settings;
  const base = readUrl(settings.url ?? environment["MESSNETZ_URL"] ?? defaultUrl);
  const token = await readToken(settings);
  const ca = settings.ca ?? environment["MESSNETZ_CA"];
  if (ca !== undefined) await trust(settings.pathOf(ca));
  if (base.protocol === "http:" && !isLoopback(base.hostname))
    note(`${base.origin} is not encrypted: whoever listens on the way reads the token. Use https.`);

  async function send({ method = "GET", path, body, signal }: ApiRequest): Promise<Response> {
    const answer = await fetch(new URL(path, base), {
      method,
      // A token must not follow to wherever another server sends it.
      redirect: "error",
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    }).catch((cause: unknown) => {
      if (signal?.aborted === true) throw cause;
      throw noAnswer(base, cause);
    });
    if (answer.ok) return answer;
    throw await refusal(answer);
  }

  return {
    send,
    async download({ path, signal }) {
      const answer = await openDownload({ url: new URL(path, base), token, signal }).catch((cause: unknown) => {
        if (signal.aborted) throw cause;
        throw noAnswer(base, cause);
      });
      if (answer.statusCode === 200) return answer;
      const headers = { "retry-after": answer.headers["retry-after"] ?? "" };
      const problem = new Response(await readWhole(answer), {
        status: answer.statusCode ?? 500,
        ...(headers["retry-after"] && { headers }),
      });
      throw await refusal(problem);
    },
    async ask(schema, request) {
      const answer = await send(request);
      const parsed = schema.safeParse(await answer.json().catch(() => undefined));
      if (parsed.success) return parsed.data;
      throw new CommandTrouble(`${base.origin}: expected an answer of Messnetz, came something else`, {
        cause: parsed.error,
        remedy: "Is it the address of a town's API, and of the same version as this command?",
      });
    },
  };
}

function readUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "") return url;
  const expected = "expected an address such as https://messnetz.example.org or http://127.0.0.1:8080";
  // What stands before an @ may be a secret.
  throw new CommandTrouble(`--url: ${expected}, came ${text.replace(/\/\/.*@/, "//…@")}`);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}

async function readToken({ tokenFile, environment, pathOf }: ApiSettings): Promise<string> {
  const text =
    tokenFile === undefined ? environment["MESSNETZ_TOKEN"] : await readText(pathOf(tokenFile), "--token-file");
  const token = text?.trim() ?? "";
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  const remedy =
    "Put it into the environment variable MESSNETZ_TOKEN, or into a file that only you can read, with --token-file FILE. The administrator's " +
    "token was shown at the first start of the town; `npm start -- --no-demo --new-administrator` makes another one.";
  const came = text === undefined ? "none" : "something else";
  throw new CommandTrouble(`expected a token (mn_…), came ${came}`, { remedy });
}

async function readText(path: string, option: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new CommandTrouble(`${option}: expected a file that can be read: ${messageOf(cause)}`, { cause });
  });
}

async function trust(path: string): Promise<void> {
  const pem = await readText(path, "--ca");
  try {
    setDefaultCACertificates([...getCACertificates("default"), pem]);
  } catch (cause) {
    throw new CommandTrouble(`--ca: expected a certificate in PEM, came ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** Codes of Node (tls, dns, net) for why no answer came. */
function noAnswer({ origin }: URL, cause: unknown): CommandTrouble {
  const { code = "", message } = innermost(cause);
  if (code === "ECONNREFUSED")
    return new CommandTrouble(`nobody answers at ${origin}`, {
      cause,
      remedy: "Is the town running there? `npm start` starts one; --url or MESSNETZ_URL says where another one is.",
    });
  if (/^(ENOTFOUND|EAI_AGAIN)$/.test(code))
    return new CommandTrouble(`${origin}: there is no server of this name`, {
      cause,
      remedy: "Look at --url or MESSNETZ_URL.",
    });
  if (/SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED/.test(code))
    return new CommandTrouble(`${origin}: its certificate is of an authority that is not known here (${code})`, {
      cause,
      remedy: "Give the certificate of that authority with --ca FILE or MESSNETZ_CA.",
    });
  if (/^(ERR_TLS_CERT_ALTNAME_INVALID|CERT_HAS_EXPIRED)$/.test(code))
    return new CommandTrouble(`${origin}: its certificate does not hold: ${message}`, { cause });
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HPE_INVALID_CONSTANT/.test(code) || code === "UND_ERR_SOCKET")
    return new CommandTrouble(`${origin}: it broke the connection (${message})`, {
      cause,
      remedy: "Does the town speak https where you wrote http, or the other way round?",
    });
  return new CommandTrouble(`${origin}: no answer came: ${message}`, { cause });
}

function innermost(error: unknown): { readonly code?: string; readonly message: string } {
  let at = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  const { code } = at as { code?: string };
  return { ...(typeof code === "string" && { code }), message: messageOf(at) };
}

const problemSchema = z.object({
  detail: z.string(),
  mistakes: z.array(z.object({ name: z.string(), expected: z.string() })).optional(),
});

/** What the API says of a request that it does not do, in its own words. */
async function refusal(answer: Response): Promise<CommandTrouble> {
  const problem = problemSchema.safeParse(await answer.json().catch(() => undefined));
  const detail = problem.success ? problem.data.detail : `expected an answer of Messnetz, came status ${answer.status}`;
  const again = answer.headers.get("retry-after");
  if (answer.status === 401)
    return new CommandTrouble("the town does not know this token, or it was revoked or has expired", {
      remedy: "Look at MESSNETZ_TOKEN or --token-file, and whether --url is the town that the token is of.",
    });
  return new CommandTrouble(detail, again === null ? {} : { remedy: `Try again in ${again} s.` });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
