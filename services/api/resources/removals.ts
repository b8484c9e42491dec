import { propertyKeySchema, thingIdSchema, toIso } from "@messnetz/model";
import type { ErasurePreview, ErasureReceipt } from "@messnetz/store";
import { z } from "zod";
import { principalOf, type Resource } from "../api-server.ts";
import { datastreamField, instantField, spanOf } from "../request-fields.ts";
import { planRemoval } from "../plan-removal.ts";
import { notFound, Problem } from "../problem.ts";
import { createRemovals, type Removal } from "../removals.ts";
import { describeRoute } from "../route-description.ts";
import { within } from "../within.ts";

const count = z.int();
const removalView = z
  .object({
    state: z
      .enum(["preview", "running", "done", "failed"])
      .describe("`preview`: nothing was changed. `running`: it goes on by itself; ask for it by its id."),
    id: z.string().optional().describe("Absent of a preview."),
    begunAt: z.string().optional().describe("ISO 8601, UTC."),
    observations: count.optional().describe("Absent while it runs."),
    datastreams: count.optional().describe("Of a preview: those named that have observations, in the span or not."),
    quarantined: count.optional().describe("Messages of the quarantine, with their bytes."),
    closed: count.optional().describe("Of the observations: those that lay in closed months."),
    months: z
      .array(z.string())
      .optional()
      .describe("Closed months that got their next revision; of a preview those that the span touches."),
    removedAt: z.string().optional().describe("ISO 8601, UTC. From then on it was durable."),
    problem: z.string().optional().describe("Of one that failed: some of it may be gone, ask again for the rest."),
  })
  .meta({ id: "Removal" });

/** How long an answer waits for the end. */
const patienceMs = 2000;

/** Erasure: of what was measured, and of what could not be read. */
export const removals: Resource = (server, { store, registry, recorder, clock, limits }) => {
  const running = createRemovals({ eraser: store.eraser, recorder, clock });
  const listOf = (item: z.ZodType<string>) => z.array(item).min(1).max(limits.named).optional();
  const body = z.strictObject({
    things: listOf(thingIdSchema).describe("Ids of things, also of such as were removed from the registry."),
    datastreams: listOf(datastreamField),
    properties: listOf(propertyKeySchema),
    from: instantField.optional().describe("First instant, included. Absent: from the first observation on."),
    to: instantField.optional().describe("End, not included. Absent: to the last one."),
  });
  const begin = describeRoute({
    resource: "admin",
    access: "admin",
    summary: "Erase observations for good",
    description:
      "Of things, datastreams or properties; all that is given must hold. Where whole things are named, the messages of their devices go from the " +
      "quarantine too. `?preview` counts and changes nothing. An erasure that takes longer than the answer waits goes on: its receipt is at " +
      "`/api/v1/removals/{id}` and in the audit log. One that fails is to be asked for again: what is gone is gone, and the next receipt counts the rest.",
    ok: removalView,
    problems: ["not-found"],
  });
  const querystring = z.strictObject({ preview: z.enum(["", "true"]).optional().describe("Count only.") });
  server.post("/api/v1/removals", { ...begin, schema: { ...begin.schema, querystring, body } }, async (request) => {
    const principal = principalOf(request);
    const { from, to, ...named } = request.body;
    if (from !== undefined && to !== undefined && to <= from) throw noSpan(to);
    const filter = { ...named, interval: spanOf({ from, to }) };
    const plan = planRemoval({ registry, principal }, filter);
    if (request.query.preview !== undefined) {
      const months = touchedMonths(from ?? Number.NEGATIVE_INFINITY, to ?? Number.POSITIVE_INFINITY);
      return { state: "preview" as const, ...viewCounts(await store.eraser.preview(plan)), ...(months && { months }) };
    }
    const removal = running.begin(principal, plan, subjectOf(request.body));
    await within(removal.receipt, patienceMs);
    return viewRemoval(removal);
  });

  const one = describeRoute({
    resource: "admin",
    access: "admin",
    summary: "How far an erasure is",
    description:
      "Of this token, since the process started; the audit log has all of them. Waits some seconds for the end.",
    ok: removalView,
    problems: ["not-found"],
  });
  const params = z.strictObject({ id: z.string() });
  const nothing = z.strictObject({});
  server.get(
    "/api/v1/removals/:id",
    { ...one, schema: { ...one.schema, params, querystring: nothing } },
    async (request) => {
      const removal = running.find(principalOf(request), request.params.id);
      if (removal === undefined) throw notFound("an erasure");
      // How it failed stands in the view.
      await within(removal.receipt, patienceMs).catch(() => undefined);
      return viewRemoval(removal);
    },
  );

  /** Undefined where no month is ever closed. */
  function touchedMonths(from: number, to: number): string[] | undefined {
    return store.months
      ?.list()
      .map(({ month }) => month)
      .filter((month) => {
        const [year = 0, number = 1] = month.split("-").map(Number);
        return Date.UTC(year, number - 1) < to && Date.UTC(year, number) > from;
      });
  }
};

function noSpan(to: number): Problem {
  const expected = "an instant after `from`: the span is half-open, [from, to)";
  const mistakes = [{ in: "body" as const, name: "to", expected, came: toIso(to) }];
  return new Problem("invalid-request", `to: expected ${expected}`, { mistakes });
}

interface Named {
  readonly things?: readonly string[] | undefined;
  readonly datastreams?: readonly string[] | undefined;
  readonly properties?: readonly string[] | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Ids that stand in an entry of the audit log, which is kept in memory too; their number stands there always. */
const maxShown = 20;

function subjectOf({ things, datastreams, properties, from, to }: Named): string {
  const shown = (list: readonly string[] | undefined): string =>
    list === undefined
      ? ""
      : list.length > maxShown
        ? `${list.slice(0, maxShown).join(" ")} … (${list.length})`
        : list.join(" ");
  const parts = [
    ["things", shown(things)],
    ["datastreams", shown(datastreams)],
    ["properties", shown(properties)],
    ["from", from === undefined ? "" : toIso(from)],
    ["to", to === undefined ? "" : toIso(to)],
  ];
  return parts.flatMap(([name, text]) => (text === "" ? [] : [`${name} ${text}`])).join("; ");
}

function viewRemoval({ id, begunAt, outcome }: Removal): z.infer<typeof removalView> {
  const begun = { id, begunAt: toIso(begunAt) };
  const ended = outcome();
  if (ended === undefined) return { state: "running", ...begun };
  if ("error" in ended)
    return { state: "failed", ...begun, problem: ended.error instanceof Error ? ended.error.message : "it failed" };
  return { state: "done", ...begun, ...viewReceipt(ended.receipt) };
}

function viewReceipt({ closed, months, removedAt, ...counts }: ErasureReceipt) {
  return {
    ...viewCounts(counts),
    ...(closed === undefined ? {} : { closed }),
    ...(months && { months: [...months] }),
    removedAt: toIso(removedAt),
  };
}

function viewCounts({ observations, datastreams, quarantined }: ErasurePreview) {
  return { observations, datastreams, quarantined };
}
