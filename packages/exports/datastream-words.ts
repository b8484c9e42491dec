import { type Catalogue, parseDatastreamId } from "@messnetz/model";
import type { ExportLanguage } from "./export-format.ts";

export interface DatastreamWords {
  readonly thing: string;
  readonly property: string;
  readonly channel: string | undefined;
  /** UCUM; empty where the catalogue does not know the property (any more). */
  readonly unit: string;
}

export function wordsOf(id: string, catalogue: Catalogue): DatastreamWords {
  const parsed = parseDatastreamId(id);
  const property = parsed?.property ?? "";
  return { thing: parsed?.thing ?? "", property, channel: parsed?.channel, unit: catalogue.get(property)?.unit ?? "" };
}

export function propertyName(property: string, catalogue: Catalogue, language: ExportLanguage): string {
  return catalogue.get(property)?.name[language] ?? property;
}

/**
 * What is made of the datastreams of a chunk, made once for each and kept while neighbouring chunks name it. Bounded, for an
 * export may cross any number of datastreams.
 */
export function createDatastreamCache<T>(make: (id: string) => T): (ids: readonly string[]) => readonly T[] {
  const maxKept = 16_384;
  const kept = new Map<string, T>();
  return (ids) => {
    if (kept.size > maxKept) kept.clear();
    return ids.map((id) => {
      let made = kept.get(id);
      if (made === undefined) {
        made = make(id);
        kept.set(id, made);
      }
      return made;
    });
  };
}
