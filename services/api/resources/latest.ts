import { z } from "zod";
import type { Resource } from "../api-server.ts";
import { payerOf, principalOf } from "../api-server.ts";
import { letKeep, tagOf } from "../kept-reply.ts";
import { createNewestWriter } from "../newest-writer.ts";
import { selectionOf } from "../observation-filter.ts";
import { createNewestReader } from "../placed-things.ts";
import { planObservations } from "../plan.ts";
import { boxField, listOf, propertyField, thingFields } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";
import { observationView, thingView } from "../views.ts";

const placedThing = thingView
  .extend({ locationTime: z.string().optional().describe("Of a moving thing: when it was there. ISO 8601, UTC.") })
  .meta({ id: "PlacedThing" });

export const latest: Resource = (server, { store, registry, catalogue, limits, rates }) => {
  const placeNewest = createNewestReader(store, registry);
  const writeNewest = createNewestWriter(catalogue);
  const route = describeRoute({
    resource: "latest",
    access: "read",
    openTo: "public",
    summary: "The newest observation of every datastream",
    description:
      "All stations of a domain, of a box, or the things named, in one answer: the observations by datastream, and the things they are of. The location of a thing that moves is its newest position.",
    ok: z.object({ items: z.array(observationView), things: z.array(placedThing) }),
    problems: ["not-found"],
  });
  const querystring = z.strictObject({
    property: listOf(propertyField, limits.named).optional().describe("Keys of observed properties."),
    ...thingFields(limits.named),
    bbox: boxField.optional().describe("west,south,east,north in degrees (RFC 7946, 5), by the newest position."),
  });
  server.get("/api/v1/latest", { ...route, schema: { ...route.schema, querystring } }, async (request, reply) => {
    const { bbox, ...fields } = request.query;
    const principal = principalOf(request);
    const query = planObservations({ registry, principal }, selectionOf(fields));
    const newest = await store.observations.latest(query);
    rates.chargeCost(payerOf(request), newest.length);
    const { things, observations } = await placeNewest(newest, {
      query,
      hasAll: fields.property === undefined,
      box: bbox,
    });
    const { body, content } = writeNewest(observations, things);
    letKeep(reply);
    return reply.type("application/json; charset=utf-8").header("etag", tagOf(content)).send(body);
  });
};
