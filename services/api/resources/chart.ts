import { type Observation, parseDatastreamId, toIso } from "@messnetz/model";
import { z } from "zod";
import type { Resource } from "../api-server.ts";
import { payerOf, principalOf } from "../api-server.ts";
import { type ChartQuery, chartSeries, chartWindowMs, type NamedSeries } from "../chart-series.ts";
import { storeFor } from "../client-gone.ts";
import { assertAffordable } from "../cost.ts";
import { isSettled, letKeep } from "../kept-reply.ts";
import { filterOf, observationFields } from "../observation-filter.ts";
import { planObservations } from "../plan.ts";
import { reckonedRows } from "../reckoned-rows.ts";
import { instantField } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";

const seriesView = z
  .object({
    datastream: z.string(),
    unit: z.string().describe("UCUM."),
    observations: z.int().describe("Good and suspect ones of the span; bad ones are not drawn."),
    method: z
      .enum(["raw", "extremes"])
      .describe(
        "`raw`: all of them. `extremes`: the lowest and the highest of each bucket (of words the first and the last), and the first and the last of the span.",
      ),
    bucketSeconds: z.number().optional().describe("Length of a bucket; absent where all observations are there."),
    points: z.array(
      z.object({
        phenomenonTime: z.string().describe("ISO 8601, UTC."),
        result: z.union([z.number(), z.string()]).describe("As it was measured, in `unit`: nothing is averaged."),
      }),
    ),
  })
  .meta({
    id: "ChartSeries",
    examples: [
      {
        datastream: "weir-1/water_level",
        unit: "m",
        observations: 52_704,
        method: "extremes",
        bucketSeconds: 63_158,
        points: [{ phenomenonTime: "2026-03-29T01:00:00.000Z", result: 4.125 }],
      },
    ],
  });

const defaultPoints = 1000;
const maxPoints = 10_000;

/** Curves to be drawn: as few points as a screen has, and no peak lost. */
export const chart: Resource = (server, context) => {
  const { store, registry, catalogue, limits, clock, rates } = context;
  const route = describeRoute({
    resource: "observations",
    access: "read",
    openTo: "public",
    summary: "Observations for a chart, thinned so that peaks stay",
    description:
      "A series for each datastream that has observations in the span, with at most `points` points: all of them where there are no more, else the " +
      "lowest and the highest of equal parts of the span. A year of one datastream is one request.",
    ok: z.object({ items: z.array(seriesView) }),
    problems: ["not-found", "too-much"],
  });
  const querystring = z.strictObject({
    ...observationFields(limits),
    from: instantField.describe("First instant, included: ISO 8601 with a zone."),
    to: instantField.optional().describe("End, not included. Absent: now."),
    points: z.coerce
      .number<string>()
      .int()
      .min(4)
      .max(maxPoints, `expected at most ${maxPoints}: no screen has more; all of them come with an export`)
      .default(defaultPoints)
      .describe("Most points of one series: about the width of the chart in pixels."),
  });
  server.get(
    "/api/v1/observations/chart",
    { ...route, schema: { ...route.schema, querystring } },
    async (request, reply) => {
      const { points, to = clock() + 1, ...fields } = request.query;
      const interval = { from: fields.from, to };
      const filter = filterOf({ ...fields, to });
      const plan = planObservations({ registry, principal: principalOf(request) }, filter);
      const newest = await store.observations.latest(plan);
      assertAffordable({
        factors: { datastreams: newest.length, points },
        of: "points",
        most: limits.chartPoints,
        ways: [
          "fewer datastreams (or things, or properties)",
          "fewer `points`",
          "/api/v1/aggregates, which gives one value for each window",
        ],
      });
      const thinning = { plan, interval, points };
      rates.chargeCost(payerOf(request), costOfChart(newest, thinning));
      const series = await chartSeries(storeFor(reply, store).observations, thinning);
      letKeep(reply, isSettled(request.query.to, context));
      return { items: series.map(view) };
    },
  );

  function view({ datastream, observations, method, bucketMs, points }: NamedSeries): z.infer<typeof seriesView> {
    return {
      datastream,
      unit: catalogue.get(parseDatastreamId(datastream)?.property ?? "")?.unit ?? "",
      observations,
      method,
      ...(bucketMs === undefined ? {} : { bucketSeconds: bucketMs / 1000 }),
      points: points.map(({ time, value }) => ({ phenomenonTime: toIso(time), result: value })),
    };
  }

  /** About what the store reads: windows, where there are fewer of them than observations. */
  function costOfChart(newest: readonly Observation[], query: ChartQuery): number {
    const { interval } = query;
    const rows = reckonedRows(newest, { registry, interval, now: clock() });
    const windowMs = chartWindowMs(query);
    if (windowMs === undefined) return rows;
    return Math.min(rows, newest.length * Math.ceil((interval.to - interval.from) / windowMs));
  }
};
