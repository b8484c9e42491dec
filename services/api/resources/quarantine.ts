import { type QuarantineEntry, refusalCodes, toIso } from "@messnetz/model";
import { z } from "zod";
import type { Resource } from "../api-server.ts";
import { principalOf } from "../api-server.ts";
import { quarantinePlace, readCursor, writeCursor } from "../page-cursor.ts";
import type { Planner } from "../plan.ts";
import { planSources } from "../plan-sources.ts";
import { notFound } from "../problem.ts";
import { cursorField, instantField, limitField, listOf, spanOf } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";
import { pageOf } from "../views.ts";

const entryView = z
  .object({
    id: z.string(),
    source: z.string().describe("The credential that brought it."),
    device: z.string().describe("External id; empty where none could be read."),
    topic: z.string(),
    receivedAt: z.string().describe("ISO 8601, UTC."),
    refusals: z.array(
      z.object({
        code: z.enum(refusalCodes),
        expected: z.string(),
        came: z.string(),
        reading: z.string().optional(),
        device: z.string().optional(),
      }),
    ),
    payloadBytes: z.int(),
  })
  .meta({ id: "QuarantineEntry" });

const defaultRows = 100;
/** Of a token that may see few of the rows read: so many at once, so often. What is left comes with the next page. */
const filteredRows = 1000;
const maxReads = 20;

export const quarantine: Resource = (server, { store, registry, limits }) => {
  const list = describeRoute({
    resource: "quarantine",
    access: "quarantine",
    summary: "Messages that could not, or not wholly, become observations; newest first",
    description:
      "Each with the reason: what was expected, and what came. For a token of some domains a page may hold fewer than `limit`, or none, " +
      "and have a `next` all the same.",
    ok: pageOf(entryView),
    problems: ["not-found"],
  });
  const querystring = z.strictObject({
    source: listOf(z.string().max(64), limits.named).optional(),
    from: instantField.optional().describe("By time of receipt; included."),
    to: instantField.optional().describe("Not included."),
    limit: limitField(limits.pageRows, defaultRows),
    cursor: cursorField.optional(),
  });
  server.get("/api/v1/quarantine", { ...list, schema: { ...list.schema, querystring } }, async (request) => {
    const { source, from, to, limit, cursor } = request.query;
    const planner = { registry, principal: principalOf(request) };
    const sources = planSources(planner, source);
    const interval = spanOf({ from, to });
    const items: QuarantineEntry[] = [];
    const rows = planner.principal.domains === undefined ? limit + 1 : Math.max(limit + 1, filteredRows);
    let before = cursor === undefined ? undefined : placeOf(cursor);
    let isEnd = false;
    // What a token of some domains may not see is left out after reading; so a page may take several reads.
    for (let reads = 0; reads < maxReads && !isEnd && items.length <= limit && !request.socket.destroyed; reads++) {
      const found = await store.quarantine.list(sources, {
        ...(interval && { interval }),
        ...(before && { before }),
        limit: rows,
      });
      items.push(...found.entries);
      before = found.last;
      isEnd = found.isEnd;
    }
    const page = items.slice(0, limit);
    const last = items.length > limit ? page.at(-1) : isEnd ? undefined : before;
    return { items: page.map(viewEntry), ...(last && { next: writeCursor([last.receivedAt, last.id]) }) };
  });

  const params = z.strictObject({ id: z.string() });
  const nothing = z.strictObject({});
  const one = describeRoute({
    resource: "quarantine",
    access: "quarantine",
    summary: "One message of the quarantine",
    description: "Without its bytes, which `/payload` has.",
    ok: entryView,
    problems: ["not-found"],
  });
  server.get(
    "/api/v1/quarantine/:id",
    { ...one, schema: { ...one.schema, params, querystring: nothing } },
    async (request) => viewEntry(await find({ registry, principal: principalOf(request) }, request.params.id)),
  );

  const payload = describeRoute({
    resource: "quarantine",
    access: "quarantine",
    summary: "The bytes of one message of the quarantine, as they arrived",
    description: "Always as a file to be saved: what a device sent must not be run by whoever looks at it.",
    contentTypes: ["application/octet-stream"],
    problems: ["not-found"],
  });
  server.get(
    "/api/v1/quarantine/:id/payload",
    { ...payload, schema: { ...payload.schema, params, querystring: nothing } },
    async (request, reply) => {
      const entry = await find({ registry, principal: principalOf(request) }, request.params.id);
      const name = entry.id.replaceAll(/[^A-Za-z0-9_-]/g, "-");
      return reply
        .type("application/octet-stream")
        .header("content-disposition", `attachment; filename="${name}.bin"`)
        .send(Buffer.from(entry.payload));
    },
  );

  async function find(planner: Planner, id: string) {
    const entry = await store.quarantine.get(planSources(planner), id);
    if (entry === undefined) throw notFound("a message of the quarantine");
    return entry;
  }
};

function placeOf(cursor: string) {
  const [receivedAt, id] = readCursor(quarantinePlace, cursor);
  return { receivedAt, id };
}

function viewEntry({ id, source, device, topic, receivedAt, refusals, payloadBytes }: QuarantineEntry) {
  return { id, source, device, topic, receivedAt: toIso(receivedAt), refusals: [...refusals], payloadBytes };
}
