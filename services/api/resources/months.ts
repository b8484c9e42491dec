import { basename } from "node:path";
import { toIso } from "@messnetz/model";
import type { ClosedMonth, MonthArchive } from "@messnetz/store";
import { z } from "zod";
import { assertMay } from "../access.ts";
import { principalOf, type Resource } from "../api-server.ts";
import { Problem } from "../problem.ts";
import { describeRoute } from "../route-description.ts";
import { within } from "../within.ts";

const monthView = z
  .object({
    month: z.string().describe("Of UTC: `2026-03`."),
    revision: z.int().describe("Counts from 1; the bytes of a revision never change."),
    rows: z.int(),
    datastreams: z.int(),
    closedAt: z.string().describe("ISO 8601, UTC."),
    hasLate: z.boolean().describe("Something came since that is not in its files, but in every answer."),
    files: z.array(
      z.object({
        name: z.string().describe("Below `months` in the data directory: Parquet."),
        rows: z.int(),
        bytes: z.int(),
        sha256: z.string(),
        firstDatastream: z.string(),
        lastDatastream: z.string(),
      }),
    ),
  })
  .meta({ id: "ClosedMonth" });
const monthList = z.object({
  isClosing: z.boolean().describe("Months are being closed by a request; of the list: `items` are those of before."),
  items: z.array(monthView),
});

/** How long an answer waits for the end. */
const patienceMs = 2000;

/** Months that are over, as files: only the embedded store has them. */
export const months: Resource = (server, { store, recorder }) => {
  const querystring = z.strictObject({});
  const admin = { resource: "admin", access: "admin", ok: monthList, problems: ["not-found"] } as const;

  const list = describeRoute({
    ...admin,
    summary: "Closed months",
    description: "With their files. For an admin of all operators and domains, of a town with the embedded store.",
  });
  server.get("/api/v1/months", { ...list, schema: { ...list.schema, querystring } }, async (request) => {
    assertMay(principalOf(request), { kind: "administer-town" });
    return { isClosing: closing !== undefined, items: archive().list().map(viewMonth) };
  });

  let closing: Promise<readonly ClosedMonth[]> | undefined;
  const close = describeRoute({
    ...admin,
    summary: "Close all months that are over, now",
    description:
      "Those that were never closed, and those again that something came for since; answers with them. The town goes on serving meanwhile, and does it " +
      "by itself when they are due. What takes longer than the answer waits goes on (`isClosing`); a client that goes does not end it.",
  });
  server.post("/api/v1/months/close", { ...close, schema: { ...close.schema, querystring } }, async (request) => {
    const principal = principalOf(request);
    assertMay(principal, { kind: "administer-town" });
    const { close: closeAll } = archive();
    closing ??= recorder
      .change(
        { principal, action: "month.close", subject: "all that are over" },
        () => closeAll(),
        (done) => ({
          subject: done.map(({ month, revision }) => `${month} r${revision}`).join(", ") || "none was to be closed",
          rows: done.reduce((sum, { rows }) => sum + rows, 0),
        }),
      )
      .finally(() => (closing = undefined));
    const closed = await within(closing, patienceMs);
    return { isClosing: closed === undefined, items: (closed ?? []).map(viewMonth) };
  });

  function archive(): MonthArchive {
    if (store.months !== undefined) return store.months;
    throw new Problem(
      "not-found",
      "expected a town with the embedded store; this one keeps its observations in InfluxDB, which has no closed months",
    );
  }
};

function viewMonth({
  month,
  revision,
  rows,
  datastreams,
  closedAt,
  hasLate,
  files,
}: ClosedMonth): z.infer<typeof monthView> {
  return {
    month,
    revision,
    rows,
    datastreams,
    closedAt: toIso(closedAt),
    hasLate,
    files: files.map(({ path, ...file }) => ({ name: basename(path), ...file })),
  };
}
