import { createJsonItemsWriter } from "@messnetz/exports";
import { observationAt, type ObservationChunk } from "@messnetz/model";
import { z } from "zod";
import type { Resource } from "../api-server.ts";
import { payerOf, principalOf } from "../api-server.ts";
import { storeFor } from "../client-gone.ts";
import { isSettled, letKeep } from "../kept-reply.ts";
import { assertBounded, filterOf, observationFields } from "../observation-filter.ts";
import { observationPlace, readCursor, writeCursor } from "../page-cursor.ts";
import { planObservations } from "../plan.ts";
import { reckonedRows } from "../reckoned-rows.ts";
import { replyWithItems } from "../items-reply.ts";
import { cursorField, limitField } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";
import { observationView, pageOf } from "../views.ts";

const defaultRows = 1000;

export const observations: Resource = (server, context) => {
  const { store, registry, catalogue, limits, rates, clock } = context;
  const writeItems = createJsonItemsWriter(catalogue);
  const route = describeRoute({
    resource: "observations",
    access: "read",
    openTo: "public",
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
  server.get("/api/v1/observations", { ...route, schema: { ...route.schema, querystring } }, async (request, reply) => {
    const { limit, cursor, ...fields } = request.query;
    const filter = filterOf(fields);
    const query = planObservations(
      { registry, principal: principalOf(request) },
      { ...filter, after: cursor === undefined ? undefined : placeOf(cursor), limit: limit + 1 },
    );
    const newest = await store.observations.latest(query);
    await assertBounded(filter, limits, async () => newest.length);
    const rows = reckonedRows(newest, { registry, interval: filter.interval, now: clock() });
    rates.chargeCost(payerOf(request), Math.min(limit, Math.ceil(rows)));
    const chunks: ObservationChunk[] = [];
    for await (const chunk of storeFor(reply, store).observations.read(query)) chunks.push(chunk);
    letKeep(reply, isSettled(fields.to, context));
    const { page, last } = cutPage(chunks, limit);
    return replyWithItems(reply, { items: page, writeItems, more: last && { next: writeCursor(last) } });
  });
};

/** The first `limit` rows of one more; `last` is the place of the last of them where something follows. */
function cutPage(chunks: readonly ObservationChunk[], limit: number) {
  const surplus = chunks.reduce((sum, { length }) => sum + length, 0) > limit;
  if (!surplus) return { page: chunks };
  // The surplus is the one row that was asked for beyond the page.
  const end = chunks.findLast(({ length }) => length > 0)!;
  const before = chunks.slice(0, chunks.indexOf(end));
  const page = [...before, { ...end, length: end.length - 1 }];
  const tail = page.findLast(({ length }) => length > 0)!;
  const { datastream, phenomenonTime, ordinal } = observationAt(tail, tail.length - 1);
  return { page, last: [datastream, phenomenonTime, ordinal] as const };
}

function placeOf(cursor: string) {
  const [datastream, phenomenonTime, ordinal] = readCursor(observationPlace, cursor);
  return { datastream, phenomenonTime, ordinal };
}
