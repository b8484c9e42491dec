import { z } from "zod";
import { findPrincipal, mayDo } from "../access.ts";
import type { Resource } from "../api-server.ts";
import { describeRoute } from "../route-description.ts";

const reportView = z
  .object({
    ok: z.boolean(),
    checks: z.record(z.string(), z.object({ ok: z.boolean(), reason: z.string().optional() })),
  })
  .meta({ id: "HealthReport" });

export const operations: Resource = (server, { health, metrics, registry, events }) => {
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
    description: "503 where it cannot. Reasons stand in the log, and are told to a token of scope `admin`.",
    ok: reportView,
  });
  const notReady = { description: "It cannot work now", content: { "application/json": { schema: reportView } } };
  const readySchema = { ...ready.schema, querystring, response: { ...ready.schema.response, 503: notReady } };
  /** The checks that failed when it was asked last: the log tells of a change, not of every question. */
  let lastFailed = "";
  server.get("/readyz", { ...ready, schema: readySchema }, async (request, reply) => {
    const report = await health.ready();
    const failed = Object.keys(report.checks).filter((name) => report.checks[name]?.ok === false);
    if (failed.join() !== lastFailed && !report.ok) events.notReady(report.checks);
    lastFailed = failed.join();
    void reply.code(report.ok ? 200 : 503);
    const principal = findPrincipal(registry, request.headers.authorization);
    if (principal !== undefined && mayDo(principal, { kind: "use", scope: "admin" })) return report;
    const checks = Object.fromEntries(Object.entries(report.checks).map(([name, { ok }]) => [name, { ok }]));
    return { ok: report.ok, checks };
  });

  const scrape = describeRoute({
    resource: "operations",
    access: "admin",
    summary: "Metrics in the text format of Prometheus",
    description: "Of the whole process, for whoever runs it.",
    contentTypes: ["text/plain"],
  });
  server.get("/metrics", { ...scrape, schema: { ...scrape.schema, querystring } }, async (_request, reply) => {
    const { text, contentType } = await metrics.scrape();
    return reply.type(contentType).send(text);
  });
};
