import { type Observation, parseDatastreamId, pointSchema, toIso } from "@messnetz/model";
import { z } from "zod";
import type { Resource } from "../api-server.ts";
import { payerOf, principalOf } from "../api-server.ts";
import { letKeep, tagOf } from "../kept-reply.ts";
import { selectionOf } from "../observation-filter.ts";
import { readCursor, textPlace, writeCursor } from "../page-cursor.ts";
import { createNewestReader, type PlacedThing, thingOf } from "../placed-things.ts";
import { planObservations } from "../plan.ts";
import { boxField, cursorField, limitField, listOf, propertyField, thingFields } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";

const linkView = z.object({ href: z.string(), rel: z.string(), type: z.string() });
const featureView = z
  .object({
    type: z.literal("Feature"),
    id: z.string().describe("Of the thing."),
    geometry: pointSchema.nullable().describe("Newest position of a thing that moves; null where it has none."),
    properties: z
      .record(z.string(), z.union([z.number(), z.string()]))
      .describe(
        "`name`, `domain`, `operator`, `tags` (with commas), `position_time` of a thing that moves; of each datastream `<property>[.<channel>]` its newest " +
          "result, beside it the same with `_unit` (UCUM), `_time` and `_quality`. Flat, as maps show it.",
      ),
  })
  .meta({ id: "Feature" });
const collectionView = z
  .object({
    type: z.literal("FeatureCollection"),
    features: z.array(featureView),
    links: z.array(linkView),
    numberMatched: z.int(),
    numberReturned: z.int(),
    timeStamp: z.string().describe("When this was answered."),
  })
  .meta({
    id: "FeatureCollection",
    examples: [
      {
        type: "FeatureCollection",
        features: [
          {
            type: "Feature",
            id: "weir-1",
            geometry: { type: "Point", coordinates: [9.99, 53.55] },
            properties: {
              name: "Weir at the mill",
              domain: "water",
              operator: "waterworks",
              water_level: 4.125,
              water_level_unit: "m",
              water_level_time: "2026-03-29T01:00:00.000Z",
              water_level_quality: "good",
            },
          },
        ],
        links: [{ href: "/api/v1/features?domain=water", rel: "self", type: "application/geo+json" }],
        numberMatched: 1,
        numberReturned: 1,
        timeStamp: "2026-03-29T01:00:02.000Z",
      },
    ],
  });

const geoJson = "application/geo+json";
const defaultRows = 1000;

/** Things on a map. */
export const features: Resource = (server, { store, registry, catalogue, limits, clock, rates }) => {
  const placeNewest = createNewestReader(store, registry);
  const route = describeRoute({
    resource: "features",
    access: "read",
    openTo: "public",
    summary: "Things as GeoJSON, with their newest values",
    description:
      "A FeatureCollection in the shape of OGC API – Features (OGC 17-069r4, 7.16): one feature for each thing that has observations, by id. Maps, " +
      "QGIS among them, take it by its address.",
    ok: collectionView,
    contentType: geoJson,
    problems: ["not-found"],
  });
  const querystring = z.strictObject({
    property: listOf(propertyField, limits.named).optional().describe("Keys of observed properties."),
    ...thingFields(limits.named),
    bbox: boxField.optional().describe("west,south,east,north in degrees (RFC 7946, 5), by the newest position."),
    limit: limitField(limits.pageRows, defaultRows),
    cursor: cursorField.optional(),
  });
  server.get("/api/v1/features", { ...route, schema: { ...route.schema, querystring } }, async (request, reply) => {
    const { bbox, limit, cursor, ...fields } = request.query;
    const query = planObservations({ registry, principal: principalOf(request) }, selectionOf(fields));
    const newest = await store.observations.latest(query);
    rates.chargeCost(payerOf(request), newest.length);
    const { things, observations } = await placeNewest(newest, {
      query,
      hasAll: fields.property === undefined,
      box: bbox,
    });
    const after = cursor === undefined ? "" : readCursor(textPlace, cursor)[0];
    // They come by datastream, in whose names a `/` follows the id: `weir-1/…` is before `weir/…`.
    const byId = things.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const rest = byId.filter(({ id }) => id > after);
    const page = rest.slice(0, limit);
    const last = rest.length > limit ? page.at(-1) : undefined;
    const ofThing = Map.groupBy(observations, thingOf);
    const content = {
      type: "FeatureCollection" as const,
      features: page.map((one) => viewFeature(one, ofThing.get(one.id) ?? [])),
      links: linksOf(request.url, last && writeCursor([last.id])),
      numberMatched: things.length,
      numberReturned: page.length,
    };
    letKeep(reply);
    void reply.type(`${geoJson}; charset=utf-8`).header("etag", tagOf(JSON.stringify(content)));
    return { ...content, timeStamp: toIso(clock()) };
  });

  function viewFeature(
    { id, name, domain, operator, location, locationTime, tags }: PlacedThing,
    newest: readonly Observation[],
  ): z.infer<typeof featureView> {
    const values = newest.flatMap(({ datastream, result, phenomenonTime, quality }) => {
      const key = datastream.slice(id.length + 1);
      const unit = catalogue.get(parseDatastreamId(datastream)?.property ?? "")?.unit ?? "";
      return [
        [key, result],
        [`${key}_unit`, unit],
        [`${key}_time`, toIso(phenomenonTime)],
        [`${key}_quality`, quality],
      ] as const;
    });
    return {
      type: "Feature",
      id,
      geometry: location ?? null,
      properties: {
        name,
        domain,
        operator,
        ...(tags === undefined ? {} : { tags: tags.join(",") }),
        ...(locationTime === undefined ? {} : { position_time: locationTime }),
        ...Object.fromEntries(values),
      },
    };
  }
};

function linksOf(url: string, next: string | undefined): z.infer<typeof linkView>[] {
  const self = { href: url, rel: "self", type: geoJson };
  if (next === undefined) return [self];
  const [path, text] = url.split("?");
  const parameters = new URLSearchParams(text);
  parameters.set("cursor", next);
  return [self, { href: `${path}?${parameters.toString()}`, rel: "next", type: geoJson }];
}
