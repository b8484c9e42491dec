import { exportName, maxWideColumns, wideTable } from "@messnetz/exports";
import { type ObservationChunk, toIso } from "@messnetz/model";
import { z } from "zod";
import { isPublic } from "../access.ts";
import type { Resource } from "../api-server.ts";
import { payerOf, principalOf } from "../api-server.ts";
import { storeFor } from "../client-gone.ts";
import { chooseFile, exportFields, exportTypes } from "../export-fields.ts";
import { contentOf, filterOf, observationFields } from "../observation-filter.ts";
import { planObservations, type PlannedQuery } from "../plan.ts";
import { notFound, Problem } from "../problem.ts";
import { readResumePlace, resumeField } from "../resume-place.ts";
import { reckonedRows } from "../reckoned-rows.ts";
import { describeRoute } from "../route-description.ts";

/** A resumed file goes on with the next row, so it must be of rows. */
const resumable: readonly string[] = ["csv", "ndjson"];

export const exportObservations: Resource = (server, context) => {
  const { store, registry, catalogue, limits, timeZone, clock, files, rates } = context;
  const route = describeRoute({
    resource: "export",
    access: "export",
    openTo: "public",
    summary: "Observations as a file",
    description:
      "The same observations as the list, all of them, as they are read: the file may be of any size. Times are UTC; the office dialect of CSV (`;`, decimal " +
      "comma, byte order mark) and XLSX have the wall clock of `timeZone` beside them. The trailer `Repr-Digest` (RFC 9530) is the SHA-256 of the bytes sent: a file " +
      "without it is not whole. CSV and NDJSON in long shape go on where they broke: with `after`, the place of the last whole row that arrived.",
    contentTypes: exportTypes,
    problems: ["not-found", "too-many", "too-much"],
  });
  const querystring = z.strictObject({
    ...observationFields(limits),
    ...exportFields(timeZone),
    shape: z
      .enum(["long", "wide"])
      .default("long")
      .describe(
        `\`wide\`: a row for each instant, a column for each datastream, of which there may be ${maxWideColumns}.`,
      ),
    after: resumeField.optional(),
  });
  server.get(
    "/api/v1/observations/export",
    { ...route, exposeHeadRoute: true, schema: { ...route.schema, querystring } },
    async (request, reply) => {
      const planner = { registry, principal: principalOf(request) };
      const {
        format: formatName,
        compression: compressionName,
        dialect,
        timeZone: zone,
        language,
        ...rest
      } = request.query;
      const { shape, after, ...fields } = rest;
      const chosen = { format: formatName, compression: compressionName, dialect, timeZone: zone, language };
      const query = JSON.stringify({ ...(shape === "wide" && { shape }), ...fields });
      const { format, compression, options } = chooseFile(chosen, context, {
        "messnetz.created": toIso(clock()),
        "messnetz.query": query,
      });
      if (after !== undefined) assertResumable(format.name, { shape, compressionName });
      if (shape === "wide") assertWide(format.name);
      const filter = filterOf(fields);
      const plan = planObservations(planner, {
        ...filter,
        after: after === undefined ? undefined : readResumePlace(after),
      });
      if (isPublic(planner.principal) && request.method === "GET") {
        const newest = await store.observations.latest(plan);
        rates.chargeCost(payerOf(request), reckonedRows(newest, { registry, interval: filter.interval, now: clock() }));
      }
      const written = {
        ...options,
        catalogue,
        span: {
          ...(fields.from !== undefined && { from: fields.from }),
          ...(fields.to !== undefined && { to: fields.to }),
        },
        ...(fields.property?.length === 1 ? { property: fields.property[0]! } : {}),
      };
      const { observations } = storeFor(reply, store);
      let rows = 0;
      return files(request, reply, {
        format,
        compression,
        name: exportName({
          what: contentOf(fields),
          ...fieldsSpan(fields),
          timeZone: zone,
          format,
          ...(compression && { compression }),
        }),
        subject: JSON.stringify({
          format: format.name,
          ...(shape === "wide" && { shape }),
          ...(after !== undefined && { after }),
          ...fields,
        }),
        rows: () => rows,
        async open(begin) {
          if (shape === "long")
            return format.write(counted(await begin(observations.read(plan, { passing: true }))), written);
          const table = wideTable(await wideColumns(plan), { catalogue });
          return format.writeTable({ ...table, chunks: await begin(table.chunks) }, written);
        },
      });

      async function* counted(chunks: AsyncIterable<ObservationChunk>): AsyncIterable<ObservationChunk> {
        for await (const chunk of chunks) {
          rows += chunk.length;
          yield chunk;
        }
      }

      async function wideColumns(whole: PlannedQuery) {
        const newest = await store.observations.latest(whole);
        if (newest.length === 0) throw notFound("a datastream");
        if (newest.length > maxWideColumns)
          throw new Problem(
            "too-much",
            `expected at most ${maxWideColumns} datastreams in wide shape; came ${newest.length}. Take fewer things or properties, shape=long, or several files`,
          );
        return newest.map(({ datastream }) => ({
          datastream,
          read: () => counted(observations.read(whole.only([datastream]), { passing: true })),
        }));
      }
    },
  );
};

function fieldsSpan({ from, to }: { readonly from?: number | undefined; readonly to?: number | undefined }) {
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

function assertWide(format: string): void {
  if (format !== "geojson") return;
  const expected = "long, for geojson: a feature is one observation at one place";
  throw new Problem("invalid-request", `shape: expected ${expected}`, {
    mistakes: [{ in: "query", name: "shape", expected, came: "wide" }],
  });
}

function assertResumable(
  format: string,
  { shape, compressionName }: { readonly shape: string; readonly compressionName: string },
): void {
  if (resumable.includes(format) && shape === "long" && compressionName === "none") return;
  const expected = `a file of rows, that is format ${resumable.join(" or ")}, shape long and compression none, to go on after a row`;
  throw new Problem("invalid-request", `after: expected ${expected}`, {
    mistakes: [{ in: "query", name: "after", expected, came: `${format}, ${shape}, ${compressionName}` }],
  });
}
