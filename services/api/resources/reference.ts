import { z } from "zod";
import type { Resource } from "../api-server.ts";
import { exampleAddress, renderReference } from "../reference-page.ts";
import { describeRoute } from "../route-description.ts";

const plainHost = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

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
  server.get("/docs", { ...page, schema: { ...page.schema, querystring } }, async (request, reply) => {
    rendered ??= renderReference(server.swagger());
    const { protocol, host } = request;
    // Whoever asks writes the header: what is no plain host is not repeated.
    const text = plainHost.test(host) ? rendered.replaceAll(exampleAddress, `${protocol}://${host}`) : rendered;
    return reply
      .type("text/html; charset=utf-8")
      .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
      .send(text);
  });
  // Whoever opens the bare address in a browser finds what there is.
  server.get("/", { config: page.config, schema: { hide: true, querystring } }, async (_, reply) =>
    reply.redirect("/docs"),
  );
};
