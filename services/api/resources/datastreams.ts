import { z } from "zod";
import type { Resource } from "../api-server.ts";
import { principalOf } from "../api-server.ts";
import { letKeep } from "../kept-reply.ts";
import { readCursor, textPlace, writeCursor } from "../page-cursor.ts";
import { planObservations } from "../plan.ts";
import { cursorField, domainField, limitField, listOf, propertyField, thingField } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";
import { datastreamView, pageOf, viewDatastream } from "../views.ts";

const defaultRows = 1000;

export const datastreams: Resource = (server, { store, registry, catalogue, limits }) => {
  const route = describeRoute({
    resource: "datastreams",
    access: "read",
    openTo: "public",
    summary: "Datastreams, by id",
    description:
      "One observed property of one thing, perhaps of one channel, with its unit, kind and newest observation. A datastream comes into being with its first observation.",
    ok: pageOf(datastreamView),
    problems: ["not-found"],
  });
  const querystring = z.strictObject({
    thing: listOf(thingField, limits.named).optional(),
    property: listOf(propertyField, limits.named).optional(),
    domain: listOf(domainField, 7).optional(),
    limit: limitField(limits.pageRows, defaultRows),
    cursor: cursorField.optional(),
  });
  server.get("/api/v1/datastreams", { ...route, schema: { ...route.schema, querystring } }, async (request, reply) => {
    letKeep(reply);
    const { thing, property, domain, limit, cursor } = request.query;
    const filter = { things: thing, properties: property, domains: domain };
    const query = planObservations({ registry, principal: principalOf(request) }, filter);
    const newest = await store.observations.latest(query);
    const after = cursor === undefined ? undefined : readCursor(textPlace, cursor)[0];
    const rest = after === undefined ? newest : newest.filter(({ datastream }) => datastream > after);
    const items = rest.slice(0, limit);
    const last = rest.length > limit ? items.at(-1) : undefined;
    return {
      items: items.map((observation) => viewDatastream(observation, catalogue)),
      ...(last && { next: writeCursor([last.datastream]) }),
    };
  });
};
