import {
  type Compression,
  compressions,
  csvDialects,
  type ExportFormat,
  exportFormats,
  exportLanguages,
  type TableOptions,
} from "@messnetz/exports";
import { z } from "zod";
import type { ApiContext } from "./api-server.ts";
import { Problem } from "./problem.ts";
import { timeZoneField } from "./request-fields.ts";

/** Content types, without parameters, that files of `exportFormats` leave with. */
export const formatTypes: readonly string[] = exportFormats.map(({ contentType }) => contentType.split(";")[0]!);
/** The same, and those of files that are compressed as a whole. */
export const exportTypes: readonly string[] = [...formatTypes, ...compressions.map(({ contentType }) => contentType)];

/** The parameters that say what a file looks like, whatever is in it. */
export function exportFields(timeZone: string) {
  return {
    format: z.enum(exportFormats.map(({ name }) => name)).default("csv"),
    compression: z
      .enum(["none", ...compressions.map(({ name }) => name)])
      .default("none")
      .describe("Of the whole file: `.csv.gz`, `.ndjson.zst`. Parquet and XLSX are compressed inside."),
    dialect: z
      .enum(csvDialects)
      .default("rfc4180")
      .describe("Of CSV: `office` has `;`, decimal comma and local times."),
    timeZone: timeZoneField.default(timeZone).describe("IANA zone of local times, and of the days in the file's name."),
    language: z.enum(exportLanguages).default("de").describe("Of the headers of the office dialect and XLSX."),
  };
}
export type ExportFields = z.output<z.ZodObject<ReturnType<typeof exportFields>>>;

export interface ChosenFile {
  readonly format: ExportFormat;
  readonly compression: Compression | undefined;
  readonly options: TableOptions;
}

/** What writes such a file. `provenance`: what is to be known of where its rows come from. */
export function chooseFile(
  fields: ExportFields,
  { registry, origin }: Pick<ApiContext, "registry" | "origin">,
  provenance: Readonly<Record<string, string>>,
): ChosenFile {
  const { dialect, timeZone, language } = fields;
  const format = exportFormats.find(({ name }) => name === fields.format)!;
  const compression = compressions.find(({ name }) => name === fields.compression);
  if (compression !== undefined && format.compression === "inside") {
    const expected = `none, as ${format.name} is compressed inside`;
    throw new Problem("invalid-request", `compression: expected ${expected}; came ${compression.name}`, {
      mistakes: [{ in: "query", name: "compression", expected, came: compression.name }],
    });
  }
  return {
    format,
    compression,
    options: {
      dialect,
      timeZone,
      language,
      ...origin,
      provenance,
      positionOf(thing) {
        const [longitude, latitude, altitude] = registry.thing(thing)?.location?.coordinates ?? [];
        if (longitude === undefined || latitude === undefined) return undefined;
        return { longitude, latitude, ...(altitude === undefined ? {} : { altitude }) };
      },
    },
  };
}
