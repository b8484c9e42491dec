import { createDigest, type DigestValue, type ExportFormat, exportFormats } from "@messnetz/exports";
import type { Interval, ObservationChunk } from "@messnetz/model";
import type { ApiContext } from "./api-server.ts";
import type { PlannedQuery } from "./plan.ts";
import type { GuardedStore } from "./store-guard.ts";

/** The parts of a file's name: `2026-03.csv`, `2026-03.8f14e45fceea167a.csv`, `2026.8f14e45fceea167a.parquet.sha256`. */
export interface ArchiveName {
  /** `2026` or `2026-03`, in the zone of the town. */
  readonly period: string;
  readonly revision?: string;
  readonly format: ExportFormat;
  readonly kind: "file" | "sha256";
}

const revisionDigits = 16;

export function readArchiveName(text: string): ArchiveName | undefined {
  const found = /^(\d{4}(?:-(?:0[1-9]|1[0-2]))?)(?:\.([0-9a-f]{16}))?\.([a-z0-9]+)(\.sha256)?$/.exec(text);
  const format = exportFormats.find(({ extension }) => extension === found?.[3]);
  if (found === null || format === undefined) return undefined;
  const [, period = "", revision, , sidecar] = found;
  return {
    period,
    format,
    kind: sidecar === undefined ? "file" : "sha256",
    ...(revision !== undefined && { revision }),
  };
}

export function writeArchiveName({ period, revision, format, kind }: ArchiveName): string {
  const parts = [period, ...(revision === undefined ? [] : [revision]), format.extension];
  return [...parts, ...(kind === "file" ? [] : ["sha256"])].join(".");
}

/** The month or year of the zone. */
export function periodInterval(period: string, timeZone: string): Interval {
  const begin = Temporal.PlainDate.from(`${period}-01-01`.slice(0, 10));
  const end = begin.add(period.length === 4 ? { years: 1 } : { months: 1 });
  return {
    from: begin.toZonedDateTime(timeZone).epochMilliseconds,
    to: end.toZonedDateTime(timeZone).epochMilliseconds,
  };
}

/** A file that was read once to know its bytes. */
export interface KnownFile {
  /** Made of its bytes alone: equal bytes, equal revision. */
  readonly revision: string;
  readonly digest: DigestValue;
  /** Observations in it. */
  readonly rows: number;
  /** Its bytes; absent where it is too large to be kept for the moment between knowing and sending it. */
  readonly content?: readonly Uint8Array[];
}

export interface ArchiveQuery {
  readonly plan: PlannedQuery;
  readonly format: ExportFormat;
  readonly interval: Interval;
}

type Written = Pick<ApiContext, "catalogue" | "timeZone" | "origin"> & {
  readonly store: Pick<GuardedStore, "observations">;
};

const keptBytes = 4 << 20;

/** The file, and how many observations have gone into it. The same observations give the same bytes: nothing in it tells when it was made. */
export function archivePieces(
  { store, catalogue, timeZone, origin }: Written,
  { plan, format, interval }: ArchiveQuery,
) {
  const written = { rows: 0 };
  async function* counted(): AsyncGenerator<ObservationChunk> {
    for await (const chunk of store.observations.read(plan, { passing: true })) {
      written.rows += chunk.length;
      yield chunk;
    }
  }
  return { written, pieces: format.write(counted(), { catalogue, timeZone, span: interval, ...origin }) };
}

/** Reads what is in the store now as a file. In memory that does not grow with it. */
export async function knowFile(context: Written, query: ArchiveQuery): Promise<KnownFile> {
  const { written, pieces } = archivePieces(context, query);
  const digest = createDigest(pieces);
  let content: Uint8Array[] | undefined = [];
  let bytes = 0;
  for await (const piece of digest.pieces) {
    bytes += piece.length;
    if (bytes > keptBytes) content = undefined;
    content?.push(piece);
  }
  const value = digest.value();
  return {
    revision: value.hex.slice(0, revisionDigits),
    digest: value,
    rows: written.rows,
    ...(content !== undefined && { content }),
  };
}

/**
 * The bytes of a file that is known. One that has to be read anew is cut off before its end where it came out otherwise: under the name of a revision no
 * other bytes come whole.
 */
export async function* knownPieces(
  context: Written,
  query: ArchiveQuery,
  { content, digest }: KnownFile,
): AsyncGenerator<Uint8Array> {
  if (content !== undefined) {
    yield* content;
    return;
  }
  const again = createDigest(archivePieces(context, query).pieces);
  let held: Uint8Array | undefined;
  for await (const piece of again.pieces) {
    if (held !== undefined) yield held;
    held = piece;
  }
  if (again.value().hex !== digest.hex) throw new Error("the observations have changed while their file was sent");
  if (held !== undefined) yield held;
}
