import { exportName } from "@messnetz/exports";
import { toIso } from "@messnetz/model";
import { z } from "zod";
import { aggregateFields } from "../aggregate-fields.ts";
import { readAggregateRequest } from "../aggregate-request.ts";
import { type AggregateRow, aggregateRows } from "../aggregate-rows.ts";
import { costOf } from "../aggregate-series.ts";
import { aggregateTable } from "../aggregate-table.ts";
import type { Resource } from "../api-server.ts";
import { payerOf, principalOf } from "../api-server.ts";
import { chooseFile, exportFields, exportTypes } from "../export-fields.ts";
import { storeFor } from "../client-gone.ts";
import { contentOf } from "../observation-filter.ts";
import { describeRoute } from "../route-description.ts";

/** A year of quarters of an hour, and some. */
const maxWindows = 40_000;

/** Aggregates as a file. */
export const exportAggregates: Resource = (server, context) => {
  const { store, catalogue, limits, timeZone, clock, rates, files } = context;
  const route = describeRoute({
    resource: "export",
    access: "export",
    openTo: "public",
    summary: "Aggregates as a file",
    description:
      "The rows of `/api/v1/aggregates`, all of them, as they are computed. The trailer `Repr-Digest` (RFC 9530) is the SHA-256 of the bytes sent: a file without it " +
      "is not whole.",
    contentTypes: exportTypes,
    problems: ["not-found", "too-many", "too-much"],
  });
  const querystring = z.strictObject({ ...aggregateFields(limits, timeZone), ...exportFields(timeZone) });
  server.get(
    "/api/v1/aggregates/export",
    { ...route, exposeHeadRoute: true, schema: { ...route.schema, querystring } },
    async (request, reply) => {
      const { format: formatName, compression: compressionName, dialect, language, ...fields } = request.query;
      const text = JSON.stringify(fields);
      const { format, compression, options } = chooseFile(
        { format: formatName, compression: compressionName, dialect, language, timeZone: fields.timeZone },
        context,
        { "messnetz.created": toIso(clock()), "messnetz.query": text },
      );
      const asked = { principal: principalOf(request), fields, mostWindows: maxWindows };
      const { windows, interval, datastreams, query } = await readAggregateRequest(context, asked);
      const whole = query(datastreams);
      if (whole !== undefined) rates.chargeCost(payerOf(request), costOf(whole));
      // What is compared is in memory: so many datastreams at a time.
      const atOnce =
        fields.compare === undefined
          ? datastreams.length
          : Math.max(1, Math.floor(limits.aggregateRows / Math.max(1, windows.length)));
      let rows = 0;
      return files(request, reply, {
        format,
        compression,
        name: exportName({
          what: contentOf(fields),
          ...interval,
          window: fields.window,
          timeZone: fields.timeZone,
          format,
          ...(compression && { compression }),
        }),
        subject: JSON.stringify({ format: format.name, aggregates: fields.window, ...fields }),
        rows: () => rows,
        async open(begin) {
          const table = aggregateTable(all(), {
            catalogue,
            datastreams,
            names: fields.aggregate,
            shows: fields.compare === undefined ? "windows" : "windows-and-compared",
          });
          return format.writeTable({ ...table, chunks: await begin(table.chunks) }, { ...options, span: interval });
        },
      });

      async function* all(): AsyncGenerator<AggregateRow> {
        for (let from = 0; from < datastreams.length; from += atOnce) {
          const part = query(datastreams.slice(from, from + atOnce));
          if (part === undefined) return;
          for await (const some of aggregateRows({ ...context, store: storeFor(reply, store) }, part)) {
            rows += some.length;
            yield* some;
          }
        }
      }
    },
  );
};
