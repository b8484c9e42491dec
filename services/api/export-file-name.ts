import type { ExportFormat } from "@messnetz/exports";
import { toIso } from "@messnetz/model";
import type { ObservationFields } from "./observation-filter.ts";

const maxNamed = 60;

/** Tells content and span: `messnetz_water_water_level_2026-03-01T0000Z_2026-04-01T0000Z.csv`. Letters that every file system takes. */
export function exportFileName(fields: ObservationFields, format: ExportFormat): string {
  const { datastream, thing, property, domain, from, to } = fields;
  const content = [domain, thing, property, datastream].flatMap((list) =>
    list === undefined ? [] : [list.length > 3 ? `${list.length}-of-them` : list.join("-")],
  );
  const parts = [
    "messnetz",
    ...(content.length === 0 ? ["everything"] : content).map((text) =>
      text.replaceAll(/[^A-Za-z0-9_-]+/g, "-").slice(0, maxNamed),
    ),
    from === undefined ? "begin" : stamp(from),
    to === undefined ? "now" : stamp(to),
  ];
  return `${parts.join("_")}.${format.extension}`;
}

function stamp(instant: number): string {
  return `${toIso(instant).slice(0, 16).replace(":", "")}Z`;
}
