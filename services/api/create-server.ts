import fastifySwagger from "@fastify/swagger";
import { fastify, type FastifyServerOptions } from "fastify";
import { jsonSchemaTransform, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { assertMay, findPrincipal, publicPrincipal, unauthenticated } from "./access.ts";
import type { ApiContext, ApiServer } from "./api-server.ts";
import { addCompression } from "./compression.ts";
import { replyWithProblem } from "./failure-reply.ts";
import { withExamples } from "./examples/with-examples.ts";
import { boundBody } from "./bound-body.ts";
import { addEntityTags } from "./kept-reply.ts";
import { openApiDocument, withComponents } from "./open-api.ts";
import { Problem } from "./problem.ts";
import { addressKey, type Payer } from "./rates.ts";
import { resources } from "./resources.ts";
import { setSecurityHeaders } from "./security-headers.ts";

export interface TlsFiles {
  /** PEM. */
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/** How long the head of a request may take to arrive, and its body. */
const requestTimeoutMs = 30_000;
const keepAliveTimeoutMs = 10_000;
const maxParamLength = 300;

/** The HTTP server with all routes, not listening yet. */
export async function createServer(context: ApiContext, tls: TlsFiles | undefined): Promise<ApiServer> {
  const options: FastifyServerOptions = {
    bodyLimit: context.limits.bodyBytes,
    connectionTimeout: context.limits.idleTimeoutMs,
    // Of the whole request there is no bound that fits a back-fill of hours as well: each body has its own, below or at its door.
    requestTimeout: 0,
    keepAliveTimeout: keepAliveTimeoutMs,
    routerOptions: { maxParamLength },
    exposeHeadRoutes: false,
    forceCloseConnections: "idle",
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
    logger: false,
    ...(context.limits.trustedProxies === undefined ? {} : { trustProxy: context.limits.trustedProxies }),
    frameworkErrors: (error, request, reply) =>
      void replyWithProblem(request, reply, { error, events: context.events }),
  };
  // The routes need not know which of the two it is.
  const secured =
    tls === undefined ? options : ({ ...options, https: { ...tls, minVersion: "TLSv1.2" } } as FastifyServerOptions);
  const plain = fastify(secured);
  plain.server.headersTimeout = requestTimeoutMs;
  const server: ApiServer = plain.withTypeProvider<ZodTypeProvider>();
  server.setValidatorCompiler(validatorCompiler);
  // The types say what the answers hold, tests check it; encoding ten thousand rows through a schema would cost more than reading them.
  server.setSerializerCompiler(() => JSON.stringify);

  server.decorateRequest("principal", undefined);
  server.decorateRequest("payer", undefined);
  server.addHook("onRoute", ({ config, url }) => {
    if (config?.access === undefined || config.resource === undefined)
      throw new Error(`route ${url}: expected it to say its access and resource`);
  });
  server.addHook("onRequest", async (request, reply) => {
    setSecurityHeaders(reply, tls === undefined ? "plain" : "tls");
    const { access, openTo, resource } = request.routeOptions.config;
    const address: Payer = { kind: "address", key: addressKey(request.ip) };
    // The door behind it knows its senders, and has bounds of its own.
    if (access === "device") return;
    boundBody(request.raw, requestTimeoutMs);
    // A supervisor must always get its answer.
    if (access === "public" && resource === "operations") return;
    const { authorization } = request.headers;
    // Undefined only where no route fits: then there is nothing to protect.
    if (access === undefined || access === "public" || (openTo === "public" && authorization === undefined)) {
      context.rates.chargeRequest(address);
      request.principal = openTo === "public" ? publicPrincipal : undefined;
      request.payer = address;
      return;
    }
    const principal = findPrincipal(context.registry, authorization);
    const payer: Payer = principal === undefined ? address : { kind: "token", key: principal.id };
    context.rates.chargeRequest(payer);
    if (principal === undefined) throw unauthenticated();
    assertMay(principal, { kind: "use", scope: access, openTo });
    request.principal = principal;
    request.payer = payer;
  });
  addEntityTags(server);
  addCompression(server);
  server.addHook("onResponse", async (request, reply) => {
    const resource = request.routeOptions.config.resource ?? "unknown";
    context.events.answered(resource, reply.statusCode, reply.elapsedTime / 1000);
  });
  server.setErrorHandler((error, request, reply) =>
    replyWithProblem(request, reply, { error, events: context.events }),
  );
  server.setNotFoundHandler((request, reply) => {
    const error = new Problem(
      "not-found",
      `expected a route that /docs describes, came ${request.method} ${request.url.slice(0, 200)}`,
    );
    return replyWithProblem(request, reply, { error, events: context.events });
  });

  await server.register(fastifySwagger, {
    openapi: openApiDocument,
    // What is left of a path is a topic here, and has no name of its own.
    transform: ({ url, ...rest }) =>
      jsonSchemaTransform({ ...rest, url: url.replace("/messages/*", "/messages/:topic") }),
    transformObject: (document) => withExamples(withComponents(document)),
  });
  await server.register(async (scope) => {
    for (const resource of resources) resource(scope, context);
  });
  await server.ready();
  return server;
}
