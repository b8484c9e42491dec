import { outcomes } from "@messnetz/model";
import { z } from "zod";
import type { Resource } from "../api-server.ts";
import { principalOf } from "../api-server.ts";
import { planSources } from "../plan-sources.ts";
import { listOf } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";

const count = z.int().min(0);
const ledgerView = z
  .object({
    source: z.string().describe("The credential that brought the messages."),
    device: z.string().describe("External id; empty where none could be read."),
    day: z.iso.date().describe("Of receipt, in the town's time zone."),
    received: count.describe("The sum of the outcomes: each message ends as exactly one of them."),
    ...(Object.fromEntries(outcomes.map((outcome) => [outcome, count])) as Record<
      (typeof outcomes)[number],
      typeof count
    >),
    observations: count.describe("Observations newly stored."),
  })
  .meta({ id: "LedgerRow" });

export const ledger: Resource = (server, { store, registry, limits }) => {
  const route = describeRoute({
    resource: "ledger",
    access: "ledger",
    summary: "The loss ledger: what became of every message received",
    description:
      "Counts per credential, device and day. They balance: received = stored + partial + skipped + duplicate + quarantined + refused.",
    ok: z.object({ items: z.array(ledgerView) }),
    problems: ["not-found"],
  });
  const querystring = z.strictObject({
    source: listOf(z.string().max(64), limits.named).optional(),
    device: listOf(z.string().max(200), limits.named).optional(),
    from: z.iso.date().optional().describe("First day, included: YYYY-MM-DD in the town's time zone."),
    to: z.iso.date().optional().describe("Last day, included."),
  });
  server.get("/api/v1/ledger", { ...route, schema: { ...route.schema, querystring } }, async (request) => {
    const { source, device, from, to } = request.query;
    const sources = planSources({ registry, principal: principalOf(request) }, source);
    const query = { ...(device && { devices: device }), ...(from && { fromDay: from }), ...(to && { toDay: to }) };
    return { items: await store.ledger.rows(sources, query) };
  });
};
