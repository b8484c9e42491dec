import { isLoopback } from "@messnetz/runtime";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { assertMay, authenticate } from "../access.ts";
import type { Resource } from "../api-server.ts";
import { describeRoute } from "../route-description.ts";

const reportView = z
  .object({
    ok: z.boolean(),
    checks: z.record(z.string(), z.object({ ok: z.boolean(), reason: z.string().optional() })),
  })
  .meta({ id: "HealthReport" });

export const operations: Resource = (server, { health, metrics, registry }) => {
  const querystring = z.strictObject({});
  const live = describeRoute({
    resource: "operations",
    access: "public",
    summary: "Whether the process works",
    description: "For a supervisor: a restart would help where this does not answer.",
    ok: reportView,
  });
  server.get("/healthz", { ...live, schema: { ...live.schema, querystring } }, async () => health.live());

  const ready = describeRoute({
    resource: "operations",
    access: "public",
    summary: "Whether the process can do its work now",
    description: "503 where it cannot. Reasons are told on the machine itself only.",
    ok: reportView,
  });
  const notReady = { description: "It cannot work now", content: { "application/json": { schema: reportView } } };
  const readySchema = { ...ready.schema, querystring, response: { ...ready.schema.response, 503: notReady } };
  server.get("/readyz", { ...ready, schema: readySchema }, async (request, reply) => {
    const report = await health.ready();
    void reply.code(report.ok ? 200 : 503);
    if (isLocal(request)) return report;
    const checks = Object.fromEntries(Object.entries(report.checks).map(([name, { ok }]) => [name, { ok }]));
    return { ok: report.ok, checks };
  });

  const scrape = describeRoute({
    resource: "operations",
    access: "public",
    summary: "Metrics in the text format of Prometheus",
    description:
      "Without a token on the machine itself; from elsewhere, and through a proxy, with a token of scope `admin`.",
    contentTypes: ["text/plain"],
    problems: ["unauthenticated", "forbidden"],
  });
  server.get("/metrics", { ...scrape, schema: { ...scrape.schema, querystring } }, async (request, reply) => {
    if (!isLocal(request))
      assertMay(authenticate(registry, request.headers.authorization), { kind: "use", scope: "admin" });
    const { text, contentType } = await metrics.scrape();
    return reply.type(contentType).send(text);
  });
};

/** From this machine, and not handed on by a proxy that stands on it. */
function isLocal({ ip, headers }: FastifyRequest): boolean {
  return (
    isLoopback(ip.replace(/^::ffff:/, "")) &&
    headers["x-forwarded-for"] === undefined &&
    headers["forwarded"] === undefined
  );
}
