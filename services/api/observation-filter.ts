import type { z } from "zod";
import type { ApiLimits } from "./config.ts";
import type { ObservationFilter } from "./plan.ts";
import { Problem } from "./problem.ts";
import { datastreamField, instantField, listOf, propertyField, spanOf, thingFields } from "./request-fields.ts";

/** The parameters with which a request says which observations it means. */
export function observationFields({ named }: ApiLimits) {
  return {
    datastream: listOf(datastreamField, named)
      .optional()
      .describe("`<thing>/<property>[.<channel>]`; several with commas or repeated."),
    property: listOf(propertyField, named).optional().describe("Keys of observed properties."),
    ...thingFields(named),
    from: instantField.optional().describe("First instant, included: ISO 8601 with a zone."),
    to: instantField.optional().describe("End, not included."),
  };
}

export type ObservationFields = z.output<z.ZodObject<ReturnType<typeof observationFields>>>;

/** Throws an `invalid-request` problem for a span that ends before it begins. */
export function filterOf({ from, to, ...selected }: ObservationFields): ObservationFilter {
  if (from !== undefined && to !== undefined && to <= from) {
    const expected = "an instant after `from`: the span is half-open, [from, to)";
    const mistakes = [{ in: "query" as const, name: "to", expected, came: new Date(to).toISOString() }];
    throw new Problem("invalid-request", `to: expected ${expected}`, { mistakes });
  }
  return { ...selectionOf(selected), interval: spanOf({ from, to }) };
}

/** Which datastreams, in the planner's words. */
export function selectionOf(fields: Omit<ObservationFields, "from" | "to">): ObservationFilter {
  const { datastream, thing, property, domain, operator, tag, bbox, polygon } = fields;
  return {
    datastreams: datastream,
    things: thing,
    properties: property,
    domains: domain,
    operators: operator,
    tags: tag,
    box: bbox,
    polygon,
  };
}

/** What is in a file of these, from the coarse to the fine, for its name. */
export function contentOf({
  domain,
  operator,
  thing,
  property,
  datastream,
}: Partial<Omit<ObservationFields, "from" | "to">>): readonly string[] {
  const lists = [domain, operator, thing, property, datastream];
  return lists.flatMap((list) =>
    list === undefined ? [] : [list.length > maxNamedInName ? `${list.length}-of-them` : list.join("-")],
  );
}
const maxNamedInName = 3;

const dayMs = 86_400_000;

/**
 * A list may cover a long span of few datastreams, or many datastreams for a limited span: the store would have to sort all of it to
 * give one page. `datastreams` counts what the query would read. Throws the problem `too-much`, which says what to do instead.
 */
export async function assertBounded(
  { interval }: ObservationFilter,
  { spanMs, named }: ApiLimits,
  datastreams: () => Promise<number>,
): Promise<void> {
  const span = interval === undefined ? Number.POSITIVE_INFINITY : interval.to - interval.from;
  if (span <= spanMs) return;
  const count = await datastreams();
  if (count <= named) return;
  throw new Problem(
    "too-much",
    `expected \`from\` and \`to\` at most ${spanMs / dayMs} days apart for more than ${named} datastreams; came ` +
      `${span > 8.64e15 ? "an open span" : `${Math.ceil(span / dayMs)} days`} of ${count}. Take a shorter span, fewer datastreams, things ` +
      "or properties, or /api/v1/observations/export, which has no such limit",
  );
}
