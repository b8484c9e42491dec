import { type CalendarAggregate, type CalendarColumn, heldUnit, type RegisterEvent } from "@messnetz/calendar";
import { type Catalogue, type Kind, parseDatastreamId, toIso } from "@messnetz/model";
import { z } from "zod";

/** What an aggregate may tell beside how complete it is. */
export const aggregateNames = [
  "sum",
  "mean",
  "min",
  "max",
  "first",
  "last",
  "integral",
  "consumption",
  "states",
  "events",
] as const;
export type AggregateName = (typeof aggregateNames)[number];

/** What people ask of each kind. */
const usual: Readonly<Record<Kind, readonly AggregateName[]>> = {
  gauge: ["mean", "min", "max", "integral"],
  counter: ["consumption", "events"],
  amount: ["sum"],
  state: ["states"],
};

/** The columns of a calendar window that tell what is asked of a datastream of the kind. */
export function columnsNamed(kind: Kind, names: readonly AggregateName[] = usual[kind]): ReadonlySet<CalendarColumn> {
  return new Set(names.filter((name) => name !== "consumption" && name !== "states" && name !== "events"));
}

/** What is known of a datastream beside its observations. */
export interface DatastreamWords {
  readonly datastream: string;
  readonly thing: string;
  readonly property: string;
  readonly channel?: string;
  /** UCUM. */
  readonly unit: string;
  readonly kind: Kind;
  /** What an integral over hours becomes. */
  readonly held: { readonly unit: string; readonly factor: number };
  /** The aggregates of it that are told. */
  readonly names: readonly AggregateName[];
}

export function describeDatastream(
  datastream: string,
  { catalogue, names }: { readonly catalogue: Catalogue; readonly names: readonly AggregateName[] | undefined },
): DatastreamWords {
  const { thing = "", property = "", channel } = parseDatastreamId(datastream) ?? {};
  const { unit = "", kind = "gauge" } = catalogue.get(property) ?? {};
  const held = heldUnit(unit);
  return {
    datastream,
    thing,
    property,
    ...(channel !== undefined && { channel }),
    unit,
    kind,
    held: held ?? { unit: `${unit}.h`, factor: 1 },
    // Nobody asks by himself for metre hours of a water level.
    names: names ?? usual[kind].filter((name) => name !== "integral" || held !== undefined),
  };
}

const instant = z.string().describe("ISO 8601, UTC.");
const share = z.number().min(0).max(1);
const boundary = z.enum(["exact", "interpolated", "held", "missing"]);

const valueFields = {
  count: z.int().describe("Good and suspect observations: what everything below is of."),
  expected: z.number().optional().describe("How many the rhythm of the datastream lets expect."),
  covered: share.describe("Share of the window's time for which a value is known."),
  complete: z
    .boolean()
    .describe("Whether `minShare` of the window is known. Where not, it must not be taken for the whole."),
  suspect: share.describe("Share of the observations that is suspect."),
  bad: share.describe("Share that is bad and left out."),
  sum: z.number().optional(),
  mean: z.number().optional().describe("Weighted by time held, or by count where the datastream's settings say so."),
  min: z.number().optional(),
  minTime: instant.optional(),
  max: z.number().optional(),
  maxTime: instant.optional(),
  first: z.number().optional(),
  firstTime: instant.optional(),
  last: z.number().optional(),
  lastTime: instant.optional(),
  integral: z.number().optional().describe("Energy of a power, volume of a flow, in `integralUnit`."),
  integralUnit: z.string().optional().describe("UCUM."),
  consumption: z.number().optional().describe("Of a counter, between its readings at the two boundaries."),
  beginReading: z.number().optional(),
  begin: boundary.optional().describe("How the reading at the begin is known."),
  endReading: z.number().optional(),
  end: boundary.optional().describe("How the reading at the end is known."),
  states: z.record(z.string(), share).optional().describe("Share of the known time that each state was held."),
  events: z
    .array(
      z.object({
        kind: z.enum(["rollover", "reset", "exchange", "backward", "leap"]),
        beforeTime: instant,
        before: z.number(),
        time: instant,
        after: z.number(),
      }),
    )
    .optional()
    .describe("What a register did other than grow."),
};
const windowFields = {
  window: z.string().describe("What people call it: `2026-03-29`, `2026-W13`, `2026-03`."),
  from: instant,
  to: instant.describe("Not included."),
};

export const aggregateView = z
  .object({
    datastream: z.string(),
    unit: z.string().describe("UCUM."),
    ...windowFields,
    ...valueFields,
    compared: z
      .object({ ...windowFields, ...valueFields })
      .optional()
      .describe("The same of the earlier window."),
  })
  .meta({
    id: "Aggregate",
    examples: [
      {
        datastream: "meter-7/water_volume",
        unit: "m3",
        window: "2026-03-29",
        from: "2026-03-28T23:00:00.000Z",
        to: "2026-03-29T22:00:00.000Z",
        count: 92,
        expected: 92,
        covered: 1,
        complete: true,
        suspect: 0,
        bad: 0,
        consumption: 0.412,
        beginReading: 1204.118,
        begin: "exact",
        endReading: 1204.53,
        end: "interpolated",
      },
    ],
  });
type Values = z.infer<z.ZodObject<typeof valueFields>>;

/** A window without any observation. */
export const nothing: Omit<CalendarAggregate, "datastream" | "window"> = {
  count: 0,
  suspect: 0,
  bad: 0,
  covered: 0,
  complete: false,
};

/** Of the aggregate what is asked for. */
export function viewValues(
  aggregate: Omit<CalendarAggregate, "datastream" | "window">,
  { names, held }: Pick<DatastreamWords, "names" | "held">,
): Values {
  const { count, expected, covered, complete, suspect, bad } = aggregate;
  const values: Record<string, unknown> = { count, expected, covered, complete, suspect, bad };
  for (const name of names) {
    if (name === "integral") {
      if (aggregate.integral === undefined) continue;
      values["integral"] = aggregate.integral * held.factor;
      values["integralUnit"] = held.unit;
    } else if (name === "consumption") {
      const { consumption, begin, end } = aggregate;
      values["consumption"] = consumption;
      values["beginReading"] = begin?.reading;
      values["begin"] = begin?.kind;
      values["endReading"] = end?.reading;
      values["end"] = end?.kind;
    } else if (name === "events") {
      values["events"] = aggregate.events && viewEvents(aggregate.events);
    } else if (name === "states") values["states"] = aggregate.states;
    else {
      const value = aggregate[name];
      if (typeof value !== "object") values[name] = value;
      else {
        values[name] = value.value;
        values[`${name}Time`] = toIso(value.time);
      }
    }
  }
  // Members that are undefined are not written.
  return values as Values;
}

export function viewEvents(events: readonly RegisterEvent[]) {
  return events.map(({ kind, beforeTime, before, time, after }) => ({
    kind,
    beforeTime: toIso(beforeTime),
    before,
    time: toIso(time),
    after,
  }));
}
