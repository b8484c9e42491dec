import { type EpochMs, type ObservationChunk, parseDatastreamId, qualities, toIso } from "@messnetz/model";
import { z } from "zod";
import type { Resource } from "../api-server.ts";
import { principalOf } from "../api-server.ts";
import { storeFor } from "../client-gone.ts";
import { assertAffordable } from "../cost.ts";
import { isSettled, letKeep } from "../kept-reply.ts";
import { filterOf, observationFields } from "../observation-filter.ts";
import { planObservations } from "../plan.ts";
import { instantField } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";
import { createThinner, type ThinSeries } from "../thin-series.ts";

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
const bad = qualities.indexOf("bad");

/** Curves to be drawn: as few points as a screen has, and no peak lost. */
export const chart: Resource = (server, context) => {
  const { store, registry, catalogue, limits, clock } = context;
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
      const query = planObservations({ registry, principal: principalOf(request) }, filter);
      const datastreams = (await store.observations.latest(query)).length;
      assertAffordable({
        factors: { datastreams, points },
        of: "points",
        most: limits.chartPoints,
        ways: [
          "fewer datastreams (or things, or properties)",
          "fewer `points`",
          "/api/v1/aggregates, which gives one value for each window",
        ],
      });
      const items = [];
      const chunks = storeFor(reply, store).observations.read(query);
      for await (const series of thinnedSeries(chunks, () => createThinner(interval, points))) items.push(view(series));
      letKeep(reply, isSettled(request.query.to, context));
      return { items };
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
};

interface NamedSeries extends ThinSeries {
  readonly datastream: string;
  readonly observations: number;
}

/** One series after the other, as the chunks come: ascending by datastream and time. */
async function* thinnedSeries(
  chunks: AsyncIterable<ObservationChunk>,
  open: () => ReturnType<typeof createThinner>,
): AsyncGenerator<NamedSeries> {
  let datastream: string | undefined;
  let observations = 0;
  let thinner = open();
  for await (const chunk of chunks) {
    for (let row = 0; row < chunk.length; row++) {
      if (chunk.quality[row] === bad) continue;
      const name = chunk.datastreams[chunk.datastream[row]!]!;
      if (name !== datastream) {
        if (datastream !== undefined) yield { datastream, observations, ...thinner.series() };
        datastream = name;
        observations = 0;
        thinner = open();
      }
      observations++;
      const time: EpochMs = chunk.phenomenonTime[row]!;
      thinner.add({ time, value: chunk.word?.[row] ?? chunk.value[row]! });
    }
  }
  if (datastream !== undefined) yield { datastream, observations, ...thinner.series() };
}
