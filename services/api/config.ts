import { z } from "zod";
import type { Origin } from "./api-server.ts";
import type { RateLimits } from "./rates.ts";

const count = z.coerce.number().int().min(1);
const milliseconds = z.coerce.number().int().min(1);

/** Environment of the API, to be spread into the schema of the process that runs it. */
export const apiConfigSchema = z.object({
  MESSNETZ_HTTP_HOST: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe("Address that the HTTP API listens on. Wider than loopback needs MESSNETZ_HTTP_TLS_CERT and _KEY."),
  MESSNETZ_HTTP_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8080)
    .describe("Port of the HTTP API; 0 takes a free one."),
  MESSNETZ_HTTP_TLS_CERT: z.string().min(1).optional().describe("PEM file with the certificate chain of the API."),
  MESSNETZ_HTTP_TLS_KEY: z.string().min(1).optional().describe("PEM file with the private key of the API."),
  MESSNETZ_HTTP_BODY_BYTES: count.default(1_048_576).describe("Largest request body, in bytes."),
  MESSNETZ_HTTP_PAGE_ROWS: count.default(10_000).describe("Most items that one answer of a list holds."),
  MESSNETZ_HTTP_SPAN_DAYS: count
    .default(31)
    .describe("Longest span that a list of observations may ask of a whole domain at once."),
  MESSNETZ_HTTP_SETTLED_DAYS: count
    .default(7)
    .describe(
      "After so many days a span is taken for settled: an answer about it may be used again for five minutes without asking.",
    ),
  MESSNETZ_HTTP_CHART_POINTS: count
    .default(100_000)
    .describe("Most points that one answer for a chart may hold: datastreams times points of each."),
  MESSNETZ_HTTP_AGGREGATE_ROWS: count
    .default(50_000)
    .describe("Most aggregates that one answer may hold: datastreams times windows."),
  MESSNETZ_HTTP_NAMED: count.default(1000).describe("Most datastreams or things that one request may name."),
  MESSNETZ_HTTP_EXPORTS_PER_TOKEN: count
    .default(2)
    .meta({ secret: false, description: "Exports that one token may have running." }),
  MESSNETZ_HTTP_EXPORTS: count.default(8).describe("Exports that may be running in all."),
  MESSNETZ_HTTP_REQUESTS_PER_MINUTE: count
    .default(6000)
    .describe("Requests of one token in a minute; beyond them 429."),
  MESSNETZ_HTTP_PUBLIC_REQUESTS_PER_MINUTE: count
    .default(600)
    .describe("The same of one address that comes without a token; of IPv6 its /64 network."),
  MESSNETZ_HTTP_COST_PER_MINUTE: count
    .default(1_000_000_000)
    .describe(
      "Observations that the questions of one token may read in a minute, reckoned before they run; beyond them 429.",
    ),
  MESSNETZ_HTTP_PUBLIC_COST_PER_MINUTE: count
    .default(20_000_000)
    .describe("The same of one address that comes without a token."),
  MESSNETZ_HTTP_TRUSTED_PROXIES: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Addresses or networks (CIDR), with commas, of the reverse proxies before the API: from them X-Forwarded-For says who asks.",
    ),
  MESSNETZ_EXPORT_SOURCE: z
    .string()
    .min(1)
    .optional()
    .describe("Whose data it is, as it is to be named: stands in files that can say so."),
  MESSNETZ_EXPORT_LICENCE: z
    .string()
    .min(1)
    .optional()
    .describe("Licence of the data, by its SPDX identifier or address, for example DL-DE-BY-2.0."),
  MESSNETZ_HTTP_STORE_TIMEOUT_MS: milliseconds
    .default(30_000)
    .describe("How long the store may take for one answer before the API says 503."),
  MESSNETZ_HTTP_IDLE_TIMEOUT_MS: milliseconds
    .default(60_000)
    .describe("How long a connection may stand still before it is closed, exports that nobody reads among them."),
});
export type ApiConfig = z.output<typeof apiConfigSchema>;

export interface ApiLimits {
  readonly bodyBytes: number;
  readonly pageRows: number;
  readonly spanMs: number;
  readonly settledMs: number;
  readonly chartPoints: number;
  readonly aggregateRows: number;
  readonly named: number;
  readonly exportsPerToken: number;
  readonly exports: number;
  readonly rates: RateLimits;
  /** Addresses or networks, with commas. */
  readonly trustedProxies?: string | undefined;
  readonly storeTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

const dayMs = 86_400_000;

export function originOf({ MESSNETZ_EXPORT_SOURCE: source, MESSNETZ_EXPORT_LICENCE: licence }: ApiConfig): Origin {
  return { ...(source !== undefined && { source }), ...(licence !== undefined && { licence }) };
}

export function limitsOf(config: ApiConfig): ApiLimits {
  return {
    bodyBytes: config.MESSNETZ_HTTP_BODY_BYTES,
    pageRows: config.MESSNETZ_HTTP_PAGE_ROWS,
    spanMs: config.MESSNETZ_HTTP_SPAN_DAYS * dayMs,
    settledMs: config.MESSNETZ_HTTP_SETTLED_DAYS * dayMs,
    chartPoints: config.MESSNETZ_HTTP_CHART_POINTS,
    aggregateRows: config.MESSNETZ_HTTP_AGGREGATE_ROWS,
    named: config.MESSNETZ_HTTP_NAMED,
    exportsPerToken: config.MESSNETZ_HTTP_EXPORTS_PER_TOKEN,
    exports: config.MESSNETZ_HTTP_EXPORTS,
    rates: {
      requests: { perMinute: config.MESSNETZ_HTTP_REQUESTS_PER_MINUTE },
      publicRequests: { perMinute: config.MESSNETZ_HTTP_PUBLIC_REQUESTS_PER_MINUTE },
      cost: { perMinute: config.MESSNETZ_HTTP_COST_PER_MINUTE },
      publicCost: { perMinute: config.MESSNETZ_HTTP_PUBLIC_COST_PER_MINUTE },
    },
    trustedProxies: config.MESSNETZ_HTTP_TRUSTED_PROXIES,
    storeTimeoutMs: config.MESSNETZ_HTTP_STORE_TIMEOUT_MS,
    idleTimeoutMs: config.MESSNETZ_HTTP_IDLE_TIMEOUT_MS,
  };
}
