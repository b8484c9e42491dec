import { toIso } from "@messnetz/model";
import type { AuditEntry } from "@messnetz/store";
import { z } from "zod";
import { assertMay } from "../access.ts";
import type { Resource } from "../api-server.ts";
import { principalOf } from "../api-server.ts";
import { auditPlace, readCursor, writeCursor } from "../page-cursor.ts";
import { auditedActions } from "../recorder.ts";
import { cursorField, instantField, limitField, listOf, spanOf } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";
import { pageOf } from "../views.ts";

const entryView = z
  .object({
    seq: z.int().describe("Ascending without gaps."),
    at: z.string().describe("ISO 8601, UTC."),
    principal: z.string().describe("Id of the token that was used, or `command line`."),
    action: z.string(),
    subject: z.string().describe("What it was done to: an id, or the query of an export."),
    outcome: z.string().describe("`begun` before anything was done; then `done`, `aborted` or `failed`."),
    rows: z.int().optional().describe("Observations of an export, entries of an import."),
    previous: z.string().describe("The hash of the entry before."),
    hash: z.string().describe("SHA-256 over everything above: entries cannot be changed, dropped or put in unseen."),
  })
  .meta({ id: "AuditEntry" });

const defaultRows = 100;

export const audit: Resource = (server, { store, limits }) => {
  const list = describeRoute({
    resource: "audit",
    access: "admin",
    summary: "Who changed or exported what, newest first",
    description: "With a token of all operators and domains.",
    ok: pageOf(entryView),
  });
  const querystring = z.strictObject({
    principal: listOf(z.string().max(64), limits.named).optional(),
    action: listOf(z.enum(auditedActions), auditedActions.length).optional(),
    from: instantField.optional().describe("Included."),
    to: instantField.optional().describe("Not included."),
    limit: limitField(limits.pageRows, defaultRows),
    cursor: cursorField.optional(),
  });
  server.get("/api/v1/audit", { ...list, schema: { ...list.schema, querystring } }, async (request) => {
    assertMay(principalOf(request), { kind: "administer-town" });
    const { principal, action, from, to, limit, cursor } = request.query;
    const interval = spanOf({ from, to });
    const found = await store.audit.list({
      ...(principal && { principals: principal }),
      ...(action && { actions: action }),
      ...(interval && { interval }),
      ...(cursor !== undefined && { before: readCursor(auditPlace, cursor)[0] }),
      limit: limit + 1,
    });
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    return { items: page.map(viewEntry), ...(last && { next: writeCursor([last.seq]) }) };
  });

  const verify = describeRoute({
    resource: "audit",
    access: "admin",
    summary: "Whether the audit log is whole",
    description:
      "Reads all of it and computes every hash anew. `brokenAt` is the first entry that does not follow from the one before it: there something " +
      "was changed, dropped or put in. With a token of all operators and domains.",
    ok: z.object({ entries: z.int(), isWhole: z.boolean(), brokenAt: z.int().optional() }).meta({ id: "AuditVerdict" }),
  });
  const nothing = z.strictObject({});
  server.get(
    "/api/v1/audit/verify",
    { ...verify, schema: { ...verify.schema, querystring: nothing } },
    async (request) => {
      assertMay(principalOf(request), { kind: "administer-town" });
      const { entries, brokenAt } = await store.audit.verify();
      return { entries, isWhole: brokenAt === undefined, ...(brokenAt === undefined ? {} : { brokenAt }) };
    },
  );
};

function viewEntry({ at, ...rest }: AuditEntry) {
  return { ...rest, at: toIso(at) };
}
