import type { IncomingMessage, ServerResponse } from "node:http";
import type { Catalogue, EpochMs } from "@messnetz/model";
import type { ExplainOptions } from "@messnetz/pipeline";
import type { Principal, Registry, Scope } from "@messnetz/registry";
import type { Health, Metrics } from "@messnetz/runtime";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { ApiLimits } from "./config.ts";
import type { ApiEvents, ResourceName } from "./events.ts";
import type { Payer, Rates } from "./rates.ts";
import type { FileSender } from "./file-reply.ts";
import type { Recorder } from "./recorder.ts";
import type { GuardedStore } from "./store-guard.ts";

export type ApiServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** The road of a message without a registry. */
export type Decoding = Pick<ExplainOptions, "formats" | "profiles" | "codecs" | "recall">;

export interface Origin {
  /** `Stadtwerke Musterstadt` */
  readonly source?: string;
  /** SPDX identifier or address: `DL-DE-BY-2.0`. */
  readonly licence?: string;
}

/** What the resources answer from. */
export interface ApiContext {
  /** Fails with the problem `unavailable` only. */
  readonly store: GuardedStore;
  readonly registry: Registry;
  /** Everything that changes something, and every export, goes through it. */
  readonly recorder: Recorder;
  /** Every file leaves through it. */
  readonly files: FileSender;
  /** Whose data it is, for files that can say so. */
  readonly origin: Origin;
  /** Requests are charged before a handler runs; the cost of a query by whoever knows it, before it runs. */
  readonly rates: Rates;
  readonly catalogue: Catalogue;
  /** Names of the device profiles (`<maker>/<model>`) that devices may have. Absent: any name is taken. */
  readonly profiles?: ReadonlySet<string>;
  /** Absent: this process takes no messages. */
  readonly messages?: MessageDoor;
  /** How messages are decoded, to show what would become of one. Absent: the API does not show it. */
  readonly decoding?: Decoding;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly clock: () => EpochMs;
  readonly timeZone: string;
  readonly limits: ApiLimits;
  readonly events: ApiEvents;
}

/**
 * `public`: without a token. `device`: with user name and password of a credential, which the door behind the route looks at. Every route says which;
 * a route that does not is refused at start.
 */
export type Access = Scope | "public" | "device";

/** Takes messages by HTTP: reads the request and answers it by itself. */
export interface MessageDoor {
  /** `address`: who asks, as far as proxies are believed. Throws nothing. */
  handle(request: IncomingMessage, response: ServerResponse, address: string): void;
}

declare module "fastify" {
  interface FastifyContextConfig {
    readonly access?: Access;
    /** Also whoever has no token may ask: for what operators made public. */
    readonly openTo?: "public" | undefined;
    readonly resource?: ResourceName;
  }
  interface FastifyRequest {
    /** Set before any handler of a route that is not public. */
    principal: Principal | undefined;
    /** Set with the principal. */
    payer: Payer | undefined;
  }
}

/** Adds the routes of one resource. */
export type Resource = (server: ApiServer, context: ApiContext) => void;

export function principalOf(request: { readonly principal: Principal | undefined }): Principal {
  if (request.principal === undefined)
    throw new Error("expected a route with a scope; this one is public and has no principal");
  return request.principal;
}

/** Whom the cost of a query is charged to, and whose exports are counted. */
export function payerOf(request: { readonly payer: Payer | undefined }): Payer {
  if (request.payer === undefined) throw new Error("expected a route with a scope; this one is public and nobody pays");
  return request.payer;
}
