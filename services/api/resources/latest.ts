import type { Observation, Thing } from "@messnetz/model";
import { z } from "zod";
import type { Resource } from "../api-server.ts";
import { principalOf } from "../api-server.ts";
import { letKeep } from "../kept-reply.ts";
import { createNewestWriter } from "../newest-writer.ts";
import { isInBox } from "../area.ts";
import { positionsOf } from "../position.ts";
import { planObservations } from "../plan.ts";
import { boxField, domainField, listOf, propertyField, thingField } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";
import { observationView, thingView } from "../views.ts";

const placedThing = thingView
  .extend({ locationTime: z.string().optional().describe("Of a moving thing: when it was there. ISO 8601, UTC.") })
  .meta({ id: "PlacedThing" });

export const latest: Resource = (server, { store, registry, catalogue, limits }) => {
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
    domain: listOf(domainField, 7).optional(),
    thing: listOf(thingField, limits.named).optional(),
    property: listOf(propertyField, limits.named).optional(),
    tag: listOf(z.string().max(64), 32).optional().describe("The thing must have each of these tags."),
    bbox: boxField.optional().describe("west,south,east,north in degrees (RFC 7946, 5), by the newest position."),
  });
  server.get("/api/v1/latest", { ...route, schema: { ...route.schema, querystring } }, async (request, reply) => {
    const { domain, thing, property, tag, bbox } = request.query;
    const principal = principalOf(request);
    const query = planObservations(
      { registry, principal },
      { domains: domain, things: thing, properties: property, tags: tag },
    );
    const newest = await store.observations.latest(query);
    const visible = thingsOf(newest);
    const positions = await positionsOf(store, { query, newest, hasAll: property === undefined });
    const placed = visible.flatMap((one) => {
      const position = positions.get(one.id);
      const location = position?.location ?? one.location;
      if (bbox !== undefined && (location === undefined || !isInBox(location, bbox))) return [];
      return [position === undefined ? one : { ...one, location: position.location, locationTime: position.time }];
    });
    const inside = new Set(placed.map(({ id }) => id));
    const items = bbox === undefined ? newest : newest.filter((one) => inside.has(thingOf(one)));
    letKeep(reply);
    return reply.type("application/json; charset=utf-8").send(writeNewest(items, placed));
  });

  function thingsOf(newest: readonly Observation[]): readonly Thing[] {
    // By datastream, so those of one thing stand together.
    const ids: string[] = [];
    let prefix = "/";
    for (const observation of newest) {
      if (observation.datastream.startsWith(prefix)) continue;
      const id = thingOf(observation);
      ids.push(id);
      prefix = `${id}/`;
    }
    return ids.flatMap((id) => registry.thing(id) ?? []);
  }
};

function thingOf({ datastream }: Observation): string {
  return datastream.slice(0, datastream.indexOf("/"));
}
