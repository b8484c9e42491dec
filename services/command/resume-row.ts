import type { FileHandle } from "node:fs/promises";

/** Formats whose files go on after a row, and how a row tells which it is. */
export const resumableFormats = ["csv", "ndjson"] as const;
export type ResumableFormat = (typeof resumableFormats)[number];

export interface ResumePlace {
  /** The file is whole up to here. */
  readonly offset: number;
  /** `<datastream>@<phenomenon time>` of the last row before it. */
  readonly after: string;
}

const csvRow = /^([^,"]+),[^,]*,[^,]*,[^,]*,(\d{4}-[^,]+Z),/;

function identityOf(row: string, format: ResumableFormat): string | undefined {
  if (format === "csv") {
    const [, datastream, time] = csvRow.exec(row) ?? [];
    return datastream === undefined ? undefined : `${datastream}@${time}`;
  }
  const { datastream, phenomenonTime } = JSON.parse(row) as { datastream?: string; phenomenonTime?: string };
  return datastream === undefined ? undefined : `${datastream}@${phenomenonTime}`;
}

/**
 * Where a file that broke goes on: after the last instant of which all rows are there for sure, that is the one before the last. Undefined where nothing
 * of it can be kept.
 */
export async function findResumePlace(
  file: FileHandle,
  { ends, format }: { readonly ends: readonly number[]; readonly format: ResumableFormat },
): Promise<ResumePlace | undefined> {
  const [first] = ends;
  const last = ends.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const bytes = Buffer.alloc(last - first);
  await file.read(bytes, 0, bytes.length, first);
  let newest: string | undefined;
  for (let n = ends.length - 1; n > 0; n--) {
    const identity = identityOf(bytes.toString("utf8", ends[n - 1]! - first, ends[n]! - first), format);
    newest ??= identity;
    if (identity !== undefined && identity !== newest) return { offset: ends[n]!, after: identity };
  }
  return undefined;
}
