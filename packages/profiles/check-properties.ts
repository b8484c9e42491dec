import { schemaProblems } from "@messnetz/formats";
import { type ObservedProperty, observedPropertySchema, ownPropertyMistakes } from "@messnetz/model";
import { z } from "zod";
import { type FileProblem, readYaml } from "./yaml-text.ts";

const fileSchema = z.strictObject({ properties: z.array(observedPropertySchema).min(1) });

export interface CheckedProperties {
  /** Those of the files that are without mistakes. */
  readonly properties: readonly ObservedProperty[];
  readonly problems: readonly FileProblem[];
}

/** A town's own observed properties, as the texts of its files have them, and all that is wrong in them. */
export function checkPropertyTexts(
  texts: readonly { readonly file: string; readonly text: string; readonly unreadable?: string }[],
): CheckedProperties {
  const properties = new Map<string, ObservedProperty>();
  const places = new Map<string, string>();
  const problems: FileProblem[] = [];
  for (const { file, text, unreadable } of texts) {
    if (unreadable !== undefined) {
      problems.push({ file, line: 1, column: 1, message: unreadable });
      continue;
    }
    const yaml = readYaml(file, text);
    problems.push(...yaml.problems);
    if (yaml.problems.length > 0) continue;
    const parsed = fileSchema.safeParse(yaml.content);
    if (!parsed.success) {
      problems.push(...schemaProblems(parsed.error).map((problem) => yaml.place(problem)));
      continue;
    }
    const wrong = parsed.data.properties.flatMap((property, at) => {
      const before = places.get(property.key);
      places.set(property.key, before ?? file);
      const twice = { path: ["key"], message: `${property.key} stands in ${before ?? file} already — remove one` };
      const mistakes = before === undefined ? ownPropertyMistakes(property) : [twice];
      return mistakes.map(({ path, message }) => yaml.place({ path: ["properties", at, ...path], message }));
    });
    problems.push(...wrong);
    if (wrong.length === 0) for (const property of parsed.data.properties) properties.set(property.key, property);
  }
  return { properties: [...properties.values()], problems };
}
