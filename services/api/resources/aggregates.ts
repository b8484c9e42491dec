import { setImmediate } from "node:timers/promises";
import { toIso } from "@messnetz/model";
import { z } from "zod";
import { aggregateFields } from "../aggregate-fields.ts";
import { readAggregateRequest } from "../aggregate-request.ts";
import { costOf } from "../aggregate-series.ts";
import { aggregateTexts } from "../aggregate-text.ts";
import { aggregateView } from "../aggregate-values.ts";
import type { Resource } from "../api-server.ts";
import { payerOf, principalOf } from "../api-server.ts";
import { storeFor } from "../client-gone.ts";
import { isSettled, letKeep } from "../kept-reply.ts";
import { readCursor, textPlace, writeCursor } from "../page-cursor.ts";
import { cursorField, limitField } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";

const defaultDatastreams = 1000;
/** The road must not wait for a long answer. */
const longestTurnMs = 5;

/** What datastreams did in windows of the calendar. */
export const aggregates: Resource = (server, context) => {
  const { store, limits, timeZone, rates } = context;
  const route = describeRoute({
    resource: "aggregates",
    access: "read",
    openTo: "public",
    summary: "Means, extremes, sums, consumption and states by windows of the calendar",
    description:
      "A row for each datastream and window, by datastream, then by time, with how complete it is beside it: a window without observations has a row too, and is " +
      "never filled in silently. Yesterday's consumption of all meters: `?property=water_volume&span=yesterday`. `next` leads to the next datastreams. As a file: " +
      "`/api/v1/aggregates/export`.",
    ok: z.object({
      items: z.array(aggregateView),
      window: z.string(),
      timeZone: z.string(),
      from: z.string().describe("Begin of the first window. ISO 8601, UTC."),
      to: z.string().describe("End of the last window."),
      next: z
        .string()
        .optional()
        .describe("Hand it back as `cursor` for the datastreams that follow. Absent on the last page."),
    }),
    problems: ["not-found", "too-much", "too-many"],
  });
  const querystring = z.strictObject({
    ...aggregateFields(limits, timeZone),
    limit: limitField(limits.pageRows, defaultDatastreams).describe(
      "Most datastreams of one page; of long spans there may be fewer.",
    ),
    cursor: cursorField.optional(),
  });
  server.get("/api/v1/aggregates", { ...route, schema: { ...route.schema, querystring } }, async (request, reply) => {
    const { limit, cursor, ...fields } = request.query;
    const asked = { principal: principalOf(request), fields, mostWindows: limits.aggregateRows };
    const { windows, interval, datastreams: all, query } = await readAggregateRequest(context, asked);
    const after = cursor === undefined ? "" : readCursor(textPlace, cursor)[0];
    const rest = after === "" ? all : all.filter((datastream) => datastream > after);
    const perPage = Math.max(1, Math.min(limit, Math.floor(limits.aggregateRows / Math.max(1, windows.length))));
    const datastreams = rest.slice(0, perPage);
    const last = rest.length > perPage ? datastreams.at(-1) : undefined;
    const parts: Buffer[] = [];
    const page = query(datastreams);
    if (page !== undefined) {
      rates.chargeCost(payerOf(request), costOf(page));
      const source = { ...context, store: storeFor(reply, store) };
      let begun = performance.now();
      for await (const text of aggregateTexts(source, page)) {
        // As bytes at once: one text of megabytes would be copied when it is joined, and again when it is sent.
        parts.push(Buffer.from(parts.length === 0 ? text : `,${text}`));
        if (performance.now() - begun < longestTurnMs) continue;
        await setImmediate();
        begun = performance.now();
      }
    }
    letKeep(reply, isSettled(windows.at(-1)?.to, context));
    const more = JSON.stringify({
      window: fields.window,
      timeZone: fields.timeZone,
      from: toIso(windows[0]?.from ?? interval.from),
      to: toIso(windows.at(-1)?.to ?? interval.to),
      ...(last !== undefined && { next: writeCursor([last]) }),
    });
    return reply
      .type("application/json; charset=utf-8")
      .send(Buffer.concat([Buffer.from('{"items":['), ...parts, Buffer.from(`],${more.slice(1)}`)]));
  });
};
