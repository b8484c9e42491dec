import { z } from "zod";
import type { Resource } from "../api-server.ts";
import { renderReference } from "../reference-page.ts";
import { describeRoute } from "../route-description.ts";

export const reference: Resource = (server) => {
  const querystring = z.strictObject({});
  const document = describeRoute({
    resource: "reference",
    access: "public",
    summary: "This description as an OpenAPI 3.1 document",
    description: "For generators and tools.",
    ok: z.record(z.string(), z.unknown()),
  });
  server.get("/openapi.json", { ...document, schema: { ...document.schema, querystring } }, async () =>
    server.swagger(),
  );

  const page = describeRoute({
    resource: "reference",
    access: "public",
    summary: "This description as a page to read",
    description: "Needs neither scripts nor the internet.",
    contentTypes: ["text/html"],
  });
  let rendered: string | undefined;
  server.get("/docs", { ...page, schema: { ...page.schema, querystring } }, async (_request, reply) => {
    rendered ??= renderReference(server.swagger());
    return reply
      .type("text/html; charset=utf-8")
      .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
      .send(rendered);
  });
};
