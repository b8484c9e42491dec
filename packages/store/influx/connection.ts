import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Answer, Failures } from "./failure.ts";
import type { InfluxAddress } from "./options.ts";

const maxErrorBytes = 65_536;
/** Connections that are kept for the next request. */
const maxIdleSockets = 8;

/** Bytes as they come; ends the request when its reader stops. */
export type Body = AsyncGenerator<Buffer, void, void>;

export interface Connection {
  readonly address: InfluxAddress;
  readonly failures: Failures;
  readonly agent: HttpAgent;
  /** `authorization`, where there is an account. */
  readonly headers: Readonly<Record<string, string>>;
  /** POST of a form; the body of a success. Rejects with a `StoreUnavailableError`. `what` completes "expected InfluxDB to". */
  post(path: string, form: URLSearchParams, asked: { readonly what: string; readonly accept: string }): Promise<Body>;
  /** GET; headers only. */
  ping(): Promise<IncomingMessage["headers"]>;
  close(): void;
}

/** HTTP to one InfluxDB, its connections kept open between requests. Every wait ends after `timeoutMs` without a sign of life. */
export function createConnection(address: InfluxAddress, failures: Failures): Connection {
  const { url, timeoutMs } = address;
  const base = new URL(url);
  const isTls = base.protocol === "https:";
  const agent = isTls
    ? new HttpsAgent({ keepAlive: true, maxFreeSockets: maxIdleSockets })
    : new HttpAgent({ keepAlive: true, maxFreeSockets: maxIdleSockets });
  const headers = accountHeaders(address);

  async function send(
    path: string,
    init: { method: string; body?: string; headers?: Record<string, string> },
  ): Promise<IncomingMessage> {
    const { method, body } = init;
    const target = new URL(base.pathname.replace(/\/$/, "") + path, base);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request = (isTls ? requestHttps : requestHttp)(target, {
      method,
      agent,
      headers: { ...headers, ...init.headers },
    });
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    request.once("response", resolve).once("error", reject).end(body);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  async function* partsOf(response: IncomingMessage, what: string): Body {
    const parts = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    let over = false;
    try {
      for (;;) {
        // Only while we wait: a reader may think as long as it likes.
        const timer = setTimeout(() => response.destroy(new Error(`nothing for ${timeoutMs} ms`)), timeoutMs);
        const next = await parts.next().finally(() => clearTimeout(timer));
        over = next.done === true;
        if (next.done === true) return;
        yield next.value;
      }
    } catch (cause) {
      throw failures.unavailable(what, cause);
    } finally {
      if (!over) response.destroy();
    }
  }

  async function answerOf(response: IncomingMessage, what: string): Promise<Answer> {
    let text = "";
    for await (const part of partsOf(response, what)) {
      text += part.toString();
      if (text.length > maxErrorBytes) break;
    }
    return { status: response.statusCode ?? 0, text, retryAfter: response.headers["retry-after"] };
  }

  return {
    address,
    failures,
    agent,
    headers,
    async post(path, form, { what, accept }) {
      const type = "application/x-www-form-urlencoded";
      const response = await send(path, {
        method: "POST",
        body: form.toString(),
        headers: { "content-type": type, accept },
      }).catch((cause: unknown) => {
        throw failures.unavailable(what, cause);
      });
      if (response.statusCode === 200) return partsOf(response, what);
      throw failures.refusal(what, await answerOf(response, what));
    },
    async ping() {
      const what = "answer /ping";
      const response = await send("/ping", { method: "GET" }).catch((cause: unknown) => {
        throw failures.unavailable(what, cause);
      });
      const answer = await answerOf(response, what);
      if (answer.status >= 300) throw failures.refusal(what, answer);
      return response.headers;
    },
    close: () => agent.destroy(),
  };
}

function accountHeaders({ token, username, password }: InfluxAddress): Record<string, string> {
  if (token !== undefined) return { authorization: `Token ${token}` };
  if (username === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}` };
}
