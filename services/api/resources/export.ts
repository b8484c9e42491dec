import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { csvDialects, exportFormats, exportLanguages } from "@messnetz/exports";
import { isTimeZone, type ObservationChunk, toIso } from "@messnetz/model";
import { z } from "zod";
import type { Resource } from "../api-server.ts";
import { payerOf, principalOf } from "../api-server.ts";
import { createExportSlots } from "../export-slots.ts";
import { exportFileName } from "../export-file-name.ts";
import { filterOf, observationFields } from "../observation-filter.ts";
import { planObservations } from "../plan.ts";
import { describeRoute } from "../route-description.ts";

const formatNames = exportFormats.map(({ name }) => name);
/** What waits for a slow reader. */
const waitingBytes = 1 << 18;

export const exportObservations: Resource = (
  server,
  { store, registry, catalogue, limits, timeZone, clock, events, recorder },
) => {
  const slots = createExportSlots(limits);
  const route = describeRoute({
    resource: "export",
    access: "export",
    openTo: "public",
    summary: "Observations as a file: CSV, NDJSON or Parquet",
    description:
      "The same observations as the list, all of them, as they are read: the file may be of any size. Times are UTC; the office dialect " +
      "of CSV (`;`, decimal comma, byte order mark) has the wall clock of `timeZone` beside them. A file whose connection breaks is not whole.",
    contentTypes: exportFormats.map(({ contentType }) => contentType.split(";")[0]!),
    problems: ["not-found", "too-many"],
  });
  const querystring = z.strictObject({
    ...observationFields(limits),
    format: z.enum(formatNames).default("csv"),
    dialect: z.enum(csvDialects).default("rfc4180").describe("Of CSV."),
    timeZone: timeZoneField.default(timeZone).describe("IANA zone of the local times of the office dialect."),
    language: z.enum(exportLanguages).default("de").describe("Of the header of the office dialect."),
  });
  server.get(
    "/api/v1/observations/export",
    { ...route, schema: { ...route.schema, querystring } },
    async (request, reply) => {
      const principal = principalOf(request);
      const { format: name, dialect, timeZone: zone, language, ...fields } = request.query;
      const format = exportFormats.find((one) => one.name === name)!;
      const filter = filterOf(fields);
      const query = planObservations({ registry, principal }, filter);
      const release = slots.take(payerOf(request).key);
      let bytes = 0;
      let rows = 0;
      let isWhole = false;
      try {
        const recordEnd = await recorder.beginExport({
          principal,
          subject: JSON.stringify({ format: name, ...fields }),
        });
        const chunks = await begin(store.observations.read(query)).catch((error: unknown) => {
          recordEnd("failed", 0);
          throw error;
        });
        const pieces = format.write(counted(chunks), {
          catalogue,
          dialect,
          timeZone: zone,
          language,
          ...(fields.property?.length === 1 ? { property: fields.property[0]! } : {}),
          provenance: { "messnetz.created": toIso(clock()), "messnetz.query": JSON.stringify(fields) },
        });
        const body = Readable.from(count(pieces), { objectMode: false, highWaterMark: waitingBytes });
        body.once("close", () => {
          release();
          const end = isWhole ? "complete" : body.errored === null ? "aborted" : "failed";
          recordEnd(end, rows);
          events.exportEnded(end, { principal: principal.id, format: name, bytes });
        });
        return await reply
          .type(format.contentType)
          .header("content-disposition", `attachment; filename="${exportFileName(fields, format)}"`)
          .send(body);
      } catch (error) {
        release();
        throw error;
      }

      async function* counted(chunks: AsyncIterable<ObservationChunk>): AsyncIterable<ObservationChunk> {
        for await (const chunk of chunks) {
          rows += chunk.length;
          yield chunk;
        }
      }

      async function* count(pieces: AsyncIterable<Uint8Array>) {
        for await (const piece of pieces) {
          bytes += piece.length;
          yield piece;
          // An export must not keep the road waiting: what came in meanwhile goes first.
          await setImmediate();
        }
        isWhole = true;
      }
    },
  );
};

const timeZoneField = z
  .string()
  .refine(isTimeZone, "expected a time zone of the IANA database, for example Europe/Berlin");

/** Reads the first chunk before the answer begins, so that a store that fails at once gives a problem and no half file. */
async function begin(chunks: AsyncIterable<ObservationChunk>): Promise<AsyncIterable<ObservationChunk>> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    try {
      for (let next = first; next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  })();
}
