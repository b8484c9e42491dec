import { exportFormats, exportName } from "@messnetz/exports";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  type ArchiveName,
  type ArchiveQuery,
  type KnownFile,
  knowFile,
  knownPieces,
  periodInterval,
  readArchiveName,
  writeArchiveName,
} from "../archive-file.ts";
import type { Resource } from "../api-server.ts";
import { payerOf, principalOf } from "../api-server.ts";
import { storeFor } from "../client-gone.ts";
import { formatTypes } from "../export-fields.ts";
import { letKeep } from "../kept-reply.ts";
import { planObservations } from "../plan.ts";
import { notFound, Problem } from "../problem.ts";
import { reckonedRows } from "../reckoned-rows.ts";
import { describeRoute } from "../route-description.ts";

const formatNames = exportFormats.map(({ name }) => name);
/** What a file is charged for at least: nobody declared how often such a datastream tells. */
const leastRows = 100_000;

/** Files that never change: a datastream's months and years that are over. */
export const archive: Resource = (server, context) => {
  const { registry, timeZone, clock, rates, files } = context;
  const described = { resource: "export", access: "export", openTo: "public" } as const;
  const list = describeRoute({
    ...described,
    summary: "The months of a datastream that are over, with their revisions",
    description:
      "Of one year of the town's time zone. A revision is made of the bytes of its file alone: late data, a correction or an erasure make the next one. " +
      "To tell it the span is read once: ask for a listing once, and then for its links.",
    ok: z.object({
      items: z.array(
        z.object({
          period: z.string().describe("`2026-03`"),
          revision: z.string(),
          href: z.string().describe("The file of this revision: what it answers never changes."),
          bytes: z.int(),
          rows: z.int().describe("Observations."),
          sha256: z.string(),
        }),
      ),
    }),
    problems: ["not-found"],
  });
  const seriesParams = z.strictObject({ thing: z.string().max(64), series: z.string().max(200) });
  server.get(
    "/api/v1/archive/:thing/:series",
    {
      ...list,
      exposeHeadRoute: true,
      schema: {
        ...list.schema,
        params: seriesParams,
        querystring: z.strictObject({
          year: z
            .string()
            .regex(/^\d{4}$/, "expected a year like 2026")
            .optional()
            .describe("Absent: the one of now."),
          format: z.enum(formatNames).default("csv"),
        }),
      },
    },
    async (request, reply) => {
      const year = request.query.year ?? String(nowInZone().year);
      const format = exportFormats.find(({ name }) => name === request.query.format)!;
      const items = [];
      for (let month = 1; month <= 12; month++) {
        const period = `${year}-${String(month).padStart(2, "0")}`;
        if (!isOver(period)) break;
        const known = await know(request, reply, { period, format, kind: "file" });
        if (known.file.rows === 0) continue;
        const { revision, digest, rows } = known.file;
        const href = addressOf(request, { period, revision, format, kind: "file" });
        items.push({ period, revision, href, bytes: digest.bytes, rows, sha256: digest.hex });
      }
      letKeep(reply);
      return { items };
    },
  );

  const one = describeRoute({
    ...described,
    summary: "A datastream's month or year as a file that never changes",
    description:
      "`2026-03.csv` leads (302) to the revision of now, `2026-03.<revision>.csv`, whose bytes are the same for ever. A revision that is not the one of now is answered with 410, " +
      "which names the one of now. `<file>.sha256` is its digest as `sha256sum -c` takes it. Months and years are those of the town's time zone, and only once they are over.",
    contentTypes: [...formatTypes, "text/plain"],
    problems: ["not-found", "gone", "too-many"],
  });
  const response = {
    ...one.schema.response,
    302: z.undefined().describe("The revision of now: its address stands in `Location`."),
  };
  server.get(
    "/api/v1/archive/:thing/:series/:file",
    {
      ...one,
      exposeHeadRoute: true,
      schema: {
        ...one.schema,
        response,
        params: seriesParams.extend({ file: z.string().max(80) }),
        querystring: z.strictObject({}),
      },
    },
    async (request, reply) => {
      const name = readArchiveName(request.params.file);
      if (name === undefined || !isOver(name.period)) throw notFound("a month or year that is over, like 2026-03.csv,");
      const { file, query } = await know(request, reply, name);
      const current = { ...name, revision: file.revision };
      if (name.revision === undefined) {
        if (file.rows === 0) throw notFound("a month or year with observations");
        void reply.header("cache-control", "private, no-cache").header("vary", "authorization");
        return reply.redirect(addressOf(request, current), 302);
      }
      if (name.revision !== file.revision || file.rows === 0) throw gone(request, reply, { file, current });
      const { period, format } = name;
      const fileName = exportName({
        what: datastreamOf(request).replace("/", "_"),
        ...periodInterval(period, timeZone),
        timeZone,
        format,
      });
      const lasting = "private, max-age=31536000, immutable, no-transform";
      if (name.kind === "sha256") {
        void reply.header("cache-control", lasting).header("vary", "authorization");
        return reply.type("text/plain; charset=utf-8").send(`${file.digest.hex}  ${fileName}\n`);
      }
      const source = { ...context, store: storeFor(reply, context.store) };
      return files(request, reply, {
        format,
        name: fileName,
        subject: JSON.stringify({
          archive: datastreamOf(request),
          period,
          revision: file.revision,
          format: format.name,
        }),
        cacheControl: lasting,
        rows: () => file.rows,
        open: async () => knownPieces(source, query, file),
      });
    },
  );

  interface Known {
    readonly file: KnownFile;
    readonly query: ArchiveQuery;
  }

  async function know(request: ArchiveRequest, reply: FastifyReply, { period, format }: ArchiveName): Promise<Known> {
    const interval = periodInterval(period, timeZone);
    const plan = planObservations(
      { registry, principal: principalOf(request) },
      { datastreams: [datastreamOf(request)], interval },
    );
    const newest = await context.store.observations.latest(plan);
    const rows = reckonedRows(newest, { registry, interval, now: clock() });
    rates.chargeCost(payerOf(request), Math.max(leastRows, rows));
    const query = { plan, format, interval };
    return { query, file: await knowFile({ ...context, store: storeFor(reply, context.store) }, query) };
  }

  function nowInZone(): Temporal.ZonedDateTime {
    return Temporal.Instant.fromEpochMilliseconds(clock()).toZonedDateTimeISO(timeZone);
  }

  function isOver(period: string): boolean {
    return periodInterval(period, timeZone).to <= clock();
  }
};

type ArchiveRequest = FastifyRequest & { readonly params: { readonly thing: string; readonly series: string } };

function datastreamOf({ params }: ArchiveRequest): string {
  return `${params.thing}/${params.series}`;
}

function addressOf(request: ArchiveRequest, name: ArchiveName): string {
  const { thing, series } = request.params;
  return `/api/v1/archive/${encodeURIComponent(thing)}/${encodeURIComponent(series)}/${writeArchiveName(name)}`;
}

function gone(
  request: ArchiveRequest,
  reply: FastifyReply,
  { file, current }: { readonly file: KnownFile; readonly current: ArchiveName },
): Problem {
  if (file.rows === 0) return new Problem("gone", "expected the revision of now; nothing is left of this span");
  const address = addressOf(request, current);
  // RFC 5829.
  void reply.header("link", `<${address}>; rel="latest-version"`);
  return new Problem("gone", `expected the revision of now, which is ${file.revision}: ${address}`);
}
