import { z } from "zod";
import type { Resource } from "../api-server.ts";
import { principalOf } from "../api-server.ts";
import { letKeep } from "../kept-reply.ts";
import { readCursor, textPlace, writeCursor } from "../page-cursor.ts";
import { notFound } from "../problem.ts";
import { boxField, cursorField, domainField, limitField, listOf, thingField } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";
import { pageOf, thingView, viewThing } from "../views.ts";

const defaultRows = 1000;

export const things: Resource = (server, { registry, limits }) => {
  const list = describeRoute({
    resource: "things",
    access: "read",
    summary: "Things, by id",
    description: "What is in the street: gauges, buses, meters, bins. All filters given must hold.",
    ok: pageOf(thingView),
  });
  const querystring = z.strictObject({
    domain: listOf(domainField, 7).optional().describe("One or several domains."),
    operator: listOf(z.string().max(64), limits.named).optional(),
    tag: listOf(z.string().max(64), 32).optional().describe("The thing must have each of these tags."),
    bbox: boxField
      .optional()
      .describe("west,south,east,north in degrees (RFC 7946, 5). Leaves out things without a fixed location."),
    limit: limitField(limits.pageRows, defaultRows),
    cursor: cursorField.optional(),
  });
  server.get("/api/v1/things", { ...list, schema: { ...list.schema, querystring } }, async (request, reply) => {
    const { domain, operator, tag, bbox, limit, cursor } = request.query;
    const found = registry.visibleThings(principalOf(request), {
      ...(domain && { domains: domain }),
      ...(operator && { operators: operator }),
      ...(tag && { tags: tag }),
      ...(bbox && { box: bbox }),
      ...(cursor === undefined ? {} : { after: readCursor(textPlace, cursor)[0] }),
      limit: limit + 1,
    });
    letKeep(reply);
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    return { items: items.map(viewThing), ...(last && { next: writeCursor([last.id]) }) };
  });

  const one = describeRoute({
    resource: "things",
    access: "read",
    summary: "One thing",
    description: "What is another operator's answers as if it were not there.",
    ok: thingView,
    problems: ["not-found"],
  });
  const params = z.strictObject({ id: z.string() });
  server.get(
    "/api/v1/things/:id",
    { ...one, schema: { ...one.schema, params, querystring: z.strictObject({}) } },
    async (request, reply) => {
      const id = thingField.safeParse(request.params.id);
      const thing = id.success ? registry.visibleThing(principalOf(request), id.data) : undefined;
      if (thing === undefined) throw notFound("a thing");
      letKeep(reply);
      return viewThing(thing);
    },
  );
};
