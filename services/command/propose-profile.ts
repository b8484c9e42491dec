import { type ObservedProperty, ucumFromAlias } from "@messnetz/model";
import type { Samples } from "./read-samples.ts";
import { suggestProperties } from "./suggest-properties.ts";
import { type FieldSurvey, surveyFields } from "./survey-fields.ts";
import { timeKindOf } from "./time-like.ts";

interface Naming {
  readonly maker?: string | undefined;
  readonly model?: string | undefined;
  readonly title?: string | undefined;
}

/**
 * The text of a profile for the device that sent the samples. What they do not say is TODO, and refused by `messnetz profile check`: which
 * property a field is, which words mean what, and every unit that does not stand in the messages themselves.
 */
export function proposeProfile({ objects, names, ports }: Samples, naming: Naming): string {
  const fields = surveyFields(objects);
  const times = fields.filter((field) => timeKindOf(field) !== undefined && field.path.length <= maxPathLength);
  const units = unitFieldsOf(fields);
  const beside = new Set([...units].map(([path, unit]) => path.slice(0, path.lastIndexOf(".") + 1) + unit));
  const lines = fields.filter(
    ({ path }) => !times.some((time) => time.path === path) && !beside.has(path) && path.length <= maxPathLength,
  );
  const tooLong = fields.length - fields.filter(({ path }) => path.length <= maxPathLength).length;
  return [
    `# Proposed from ${objects.length === 1 ? "one message" : `${objects.length} messages`}. Every TODO is for a person who has the maker's documentation; profiles/README.md explains the keys.`,
    "# Fields that are no observation go to `ignore`, with the reason.",
    `profile: ${slug(naming.maker)}/${slug(naming.model)}`,
    "revision: 1",
    `title: ${quote(naming.title ?? "TODO: what the device is, and what it measures")}`,
    "documentation: TODO # the address where the maker says what the fields mean",
    "match:",
    ...matchLines(names, ports, naming),
    ...(times.length === 0
      ? []
      : [
          "times:",
          ...times.map((field) => {
            const as = timeKindOf(field)!;
            return `  - { field: ${quote(field.path)}, as: TODO } # looks like ${as}; the time of what is beside and below, one for each object; others go to ignore. ${seenOf(field, objects.length)}`;
          }),
        ]),
    lines.length === 0 ? "fields: {}" : "fields:",
    ...lines.map((field) => fieldLine(field, units.get(field.path), objects.length)),
    ...(tooLong === 0
      ? []
      : [`# ${tooLong} fields are left out: their paths are longer than ${maxPathLength} characters.`]),
    "examples:",
    "  - name: the first message",
    `    decoded: ${JSON.stringify(objects[0]).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff]/gu, escape)}`,
    "    expect: [] # TODO: `messnetz profile check` says what came; look at each before it stands here",
    "",
  ].join("\n");
}

/** As profiles have it. */
const maxPathLength = 200;

function matchLines(names: readonly string[], ports: readonly number[], { model }: Naming): readonly string[] {
  const known = [...new Set([...(model === undefined ? [] : [model]), ...names])].filter((name) => name.length > 1);
  const told =
    names.length === 0
      ? "what the network server calls the device; whole words of it"
      : "as the network server calls it; whole words are enough";
  return [
    `  names: [${known.length === 0 ? "TODO" : known.map(quote).join(", ")}] # TODO: ${told}`,
    ...(ports.length === 0 ? [] : [`  # ports: [${ports.join(", ")}] # where only these mean this`]),
  ];
}

function fieldLine(field: FieldSurvey, unitField: string | undefined, objects: number): string {
  const { path, numbers, of, words } = field;
  const parts = ["property: TODO", ...(of.length === 0 ? [] : ['channel: "<n>"'])];
  const notes: string[] = [];
  const measure = numbers === undefined ? measureOf(words) : undefined;
  const isNumber = numbers !== undefined || measure !== undefined;
  if (isNumber) {
    if (unitField !== undefined) parts.push(`unitField: ${quote(unitField)}`);
    else if (measure?.unit !== undefined) parts.push(`unit: ${quote(measure.unit)}`);
    else parts.push("unit: TODO");
    if (measure?.unit !== undefined) notes.push("the unit is the message's own");
  } else if (words.length > 0 && !field.hasMoreWords) {
    parts.push(`enum: { ${words.map((word) => `${quote(word)}: TODO`).join(", ")} }`);
  }
  notes.push(seenOf(field, objects));
  const suffix = unitField === undefined && measure?.unit === undefined && isNumber ? suffixOf(path) : undefined;
  if (suffix !== undefined)
    notes.push(`the name ends in ${suffix}, which may be the unit: the documentation must say so`);
  const near = suggestProperties(path, isNumber ? "number" : field.hasFlags ? "flag" : "word");
  if (near.length > 0) notes.push(`by its name alone perhaps ${near.map(describe).join(", ")}`);
  return `  ${quote(path)}: { ${parts.join(", ")} } # ${plain(notes.join("; "))}`;
}

function describe({ key, unit, kind }: ObservedProperty): string {
  return kind === "state" ? key : `${key} (${unit})`;
}

function seenOf({ numbers, words, hasMoreWords, hasFlags, seen, of }: FieldSurvey, objects: number): string {
  const values = [
    ...(numbers === undefined
      ? []
      : [numbers.min === numbers.max ? `${numbers.min}` : `${numbers.min} to ${numbers.max}`]),
    ...(hasFlags ? ["true or false"] : []),
    ...(words.length === 0
      ? []
      : [`${words.map((word) => JSON.stringify(word)).join(", ")}${hasMoreWords ? ", …" : ""}`]),
  ];
  const where = of.length === 0 ? "" : ` in ${of.slice(0, 6).join(", ")}${of.length > 6 ? ", …" : ""}`;
  return plain(`seen: ${values.join(", ")}${where}${seen === objects ? "" : `, in ${seen} of ${objects} messages`}`);
}

/** Texts that are all numbers, and the one unit that they all carry. With a unit that nobody knows they are words. */
function measureOf(words: readonly string[]): { readonly unit: string | undefined } | undefined {
  if (words.length === 0) return undefined;
  const units = new Set<string | undefined>();
  for (const word of words) {
    const match = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*(\D.{0,31})?$/u.exec(word.trim());
    const written = match?.[1]?.trim();
    const unit = written === undefined ? undefined : ucumFromAlias(written);
    if (match === null || (written !== undefined && unit === undefined)) return undefined;
    units.add(unit);
  }
  const [unit] = units;
  return { unit: units.size === 1 ? unit : undefined };
}

/** Paths of numbers → the key beside them whose words are all units: `level` and `level_unit`, or `value` and `unit`. */
function unitFieldsOf(fields: readonly FieldSurvey[]): ReadonlyMap<string, string> {
  const byPath = new Map(fields.map((field) => [field.path, field]));
  const found = new Map<string, string>();
  for (const { path, numbers } of fields) {
    if (numbers === undefined) continue;
    const dot = path.lastIndexOf(".");
    const around = path.slice(0, dot + 1);
    const key = path.slice(dot + 1);
    const candidates = [
      `${key}_unit`,
      `${key}Unit`,
      `unit_${key}`,
      ...(/^(?:value|val|v)$/iu.test(key) ? ["unit", "uom", "u"] : []),
    ];
    const unit = candidates.find((candidate) => {
      const beside = byPath.get(around + candidate);
      return (
        beside !== undefined &&
        beside.words.length > 0 &&
        beside.numbers === undefined &&
        beside.words.every((word) => ucumFromAlias(word) !== undefined)
      );
    });
    if (unit !== undefined) found.set(path, unit);
  }
  return found;
}

function suffixOf(path: string): string | undefined {
  const suffix = /(?:_|(?<=[a-z]))([A-Za-z0-9%]{1,5})$/u.exec(path.replaceAll("[]", ""))?.[1];
  return suffix !== undefined && path.includes(`_${suffix}`) && ucumFromAlias(suffix) !== undefined
    ? suffix
    : undefined;
}

function slug(name: string | undefined): string {
  const text = (name ?? "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .replaceAll(/^-+|-+$/gu, "");
  return text === "" ? "TODO" : text;
}

/** A word that YAML takes for nothing else stands as it is; all others in quotation marks, which JSON's are (YAML 1.2, 7.3.1). */
function quote(text: string): string {
  const isPlain =
    /^[A-Za-z_][A-Za-z0-9_]*$/u.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n|nan|inf)$/iu.test(text);
  return isPlain ? text : JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff]/gu, escape);
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** In a comment nothing may end the line. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cs}\u2028\u2029\ufeff]/gu, " ");
}
