import { observedPropertySchema } from "@messnetz/model";
import { z } from "zod";
import type { Resource } from "../api-server.ts";
import { letKeep } from "../kept-reply.ts";
import { domainField, listOf } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";

const propertyView = observedPropertySchema.meta({ id: "ObservedProperty" });

export const properties: Resource = (server, { catalogue }) => {
  const route = describeRoute({
    resource: "properties",
    access: "read",
    summary: "The catalogue of observed properties",
    description:
      "What can be measured: key, name, canonical unit (UCUM), kind, plausible range and where its numbers come from.",
    ok: z.object({ items: z.array(propertyView) }),
  });
  const querystring = z.strictObject({ domain: listOf(domainField, 7).optional() });
  server.get("/api/v1/properties", { ...route, schema: { ...route.schema, querystring } }, async (request, reply) => {
    letKeep(reply);
    const { domain } = request.query;
    const all = [...catalogue.values()];
    return {
      items: domain === undefined ? all : all.filter(({ domains }) => domains.some((one) => domain.includes(one))),
    };
  });
};
