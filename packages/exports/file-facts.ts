import { toIso } from "@messnetz/model";
import type { TableOptions } from "./export-format.ts";
import type { TableShape } from "./table.ts";

/** What a file says of itself, for the metadata of formats that have any: keys begin with `messnetz.`, provenance keeps its own. */
export function fileFacts(
  { columns }: TableShape,
  { source, licence, span, provenance }: TableOptions,
): Readonly<Record<string, string>> {
  const units = columns.flatMap(({ name, unit }) => (unit === undefined ? [] : [[name, unit] as const]));
  return {
    "messnetz.units": JSON.stringify(Object.fromEntries(units)),
    ...(source === undefined ? {} : { "messnetz.source": source }),
    ...(licence === undefined ? {} : { "messnetz.licence": licence }),
    ...(span?.from === undefined ? {} : { "messnetz.from": toIso(span.from) }),
    ...(span?.to === undefined ? {} : { "messnetz.to": toIso(span.to) }),
    ...provenance,
  };
}

/** What is to be said of one column. */
export function columnFacts({
  unit,
  description,
  label,
}: TableShape["columns"][number]): Readonly<Record<string, string>> {
  return {
    ...(unit === undefined ? {} : { unit }),
    ...(label === undefined ? {} : { "label.de": label.de, "label.en": label.en }),
    ...(description === undefined ? {} : { description }),
  };
}
