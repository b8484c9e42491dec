import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { z } from "zod";
import { isLoopback } from "./binding.ts";
import type { CheckReport, Health } from "./health.ts";
import type { Metrics } from "./metrics.ts";

/** The variables of the operations server, to be spread into the schema of a service that has no API. */
export const operationsConfig = {
  MESSNETZ_OPERATIONS_HOST: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe(
      "Address that health and metrics are served on, without TLS and credentials: for this machine or a network of your own.",
    ),
  MESSNETZ_OPERATIONS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(9464)
    .describe("Port of health and metrics (/health, /ready, /metrics); 0 takes a free one."),
};

export interface OperationsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly health: Health;
  readonly metrics: Metrics;
  /** The checks that fail are others than when it was asked last. */
  readonly onNotReady?: (checks: Readonly<Record<string, CheckReport>>) => void;
  readonly onFault?: (error: unknown) => void;
  /** How long a question may take to come, and its answer to be read. Absent: 10,000. */
  readonly requestTimeoutMs?: number;
}

export interface OperationsServer {
  address(): { readonly host: string; readonly port: number };
  close(): Promise<void>;
}

const maxConnections = 64;
/** A question is one short line. */
const defaultRequestTimeoutMs = 10_000;

/**
 * Health and metrics over plain HTTP, for services without the API: `/health` (the process works), `/ready` (200, or 503 where it cannot do
 * its work now) and `/metrics` (text format of Prometheus); `/healthz` and `/readyz` are the same, as the API calls them. What it says holds
 * neither secrets nor readings: counts, and names of things that an operator gave. Why a check fails may name servers, and is told to this
 * machine only. So it may listen wider than loopback without TLS where a scraper sits elsewhere; never on a public network.
 */
export async function openOperationsServer(options: OperationsServerOptions): Promise<OperationsServer> {
  const { health, metrics, requestTimeoutMs = defaultRequestTimeoutMs } = options;
  let lastFailed = "";

  async function ready(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const report = await health.ready();
    const failed = Object.keys(report.checks).filter((name) => report.checks[name]?.ok === false);
    if (failed.join() !== lastFailed && !report.ok) options.onNotReady?.(report.checks);
    lastFailed = failed.join();
    const status = report.ok ? 200 : 503;
    if (isLoopback(request.socket.remoteAddress ?? "")) return sendJson(response, status, report);
    const checks = Object.fromEntries(Object.entries(report.checks).map(([name, { ok }]) => [name, { ok }]));
    sendJson(response, status, { ok: report.ok, checks });
  }

  async function scrape(response: ServerResponse): Promise<void> {
    const { text, contentType } = await metrics.scrape();
    send(response, { status: 200, contentType, text });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return sendJson(response, 405, { expected: "GET or HEAD" });
    }
    const [path] = (request.url ?? "").split("?", 1);
    if (path === "/health" || path === "/healthz") return sendJson(response, 200, health.live());
    if (path === "/ready" || path === "/readyz") return ready(request, response);
    if (path === "/metrics") return scrape(response);
    sendJson(response, 404, { expected: "/health, /ready or /metrics" });
  }

  /** Who asks without end and reads nothing must not fill the memory: a connection is for one question. */
  const answered = new WeakSet<Socket>();
  const server = createServer(
    { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs },
    (request, response) => {
      request.resume();
      if (answered.has(request.socket)) return;
      answered.add(request.socket);
      answer(request, response).catch((error: unknown) => {
        options.onFault?.(error);
        response.destroy();
      });
    },
  );
  server.maxConnections = maxConnections;
  server.timeout = requestTimeoutMs;
  server.listen({ host: options.host, port: options.port });
  await once(server, "listening");
  const { address: host, port } = server.address() as AddressInfo;
  return {
    address: () => ({ host, port }),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function sendJson(response: ServerResponse, status: number, content: object): void {
  send(response, { status, contentType: "application/json; charset=utf-8", text: JSON.stringify(content) });
}

/** To HEAD node:http sends the header alone. */
function send(response: ServerResponse, answer: { status: number; contentType: string; text: string }): void {
  const { status, contentType, text } = answer;
  const headers = {
    "content-type": contentType,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    connection: "close",
  };
  response.writeHead(status, headers).end(text);
}
