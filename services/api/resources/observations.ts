import { type Observation, observationAt } from "@messnetz/model";
import { z } from "zod";
import type { Resource } from "../api-server.ts";
import { principalOf } from "../api-server.ts";
import { assertBounded, filterOf, observationFields } from "../observation-filter.ts";
import { observationPlace, readCursor, writeCursor } from "../page-cursor.ts";
import { planObservations } from "../plan.ts";
import { cursorField, limitField } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";
import { observationView, pageOf, viewObservation } from "../views.ts";

const defaultRows = 1000;

export const observations: Resource = (server, { store, registry, catalogue, limits }) => {
  const route = describeRoute({
    resource: "observations",
    access: "read",
    summary: "Observations, ascending by datastream and time",
    description:
      "Those of the half-open span `[from, to)`. `next` leads to the page after; what arrives meanwhile neither shifts nor repeats a row.",
    ok: pageOf(observationView),
    problems: ["not-found", "too-much"],
  });
  const querystring = z.strictObject({
    ...observationFields(limits),
    limit: limitField(limits.pageRows, defaultRows),
    cursor: cursorField.optional(),
  });
  server.get("/api/v1/observations", { ...route, schema: { ...route.schema, querystring } }, async (request) => {
    const { limit, cursor, ...fields } = request.query;
    const filter = filterOf(fields);
    const query = planObservations(
      { registry, principal: principalOf(request) },
      { ...filter, after: cursor === undefined ? undefined : placeOf(cursor), limit: limit + 1 },
    );
    await assertBounded(filter, limits, async () => (await store.observations.latest(query)).length);
    const found: Observation[] = [];
    for await (const chunk of store.observations.read(query)) {
      for (let row = 0; row < chunk.length; row++) found.push(observationAt(chunk, row));
    }
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    return {
      items: items.map((observation) => viewObservation(observation, catalogue)),
      ...(last && { next: writeCursor([last.datastream, last.phenomenonTime, last.ordinal]) }),
    };
  });
};

function placeOf(cursor: string) {
  const [datastream, phenomenonTime, ordinal] = readCursor(observationPlace, cursor);
  return { datastream, phenomenonTime, ordinal };
}
