import { catalogue, conversion, type EpochMs, isChannel, type Reading, type Refusal } from "@messnetz/model";
import type { DocumentProblem } from "./document-problem.ts";
import type { JsonObject } from "./json-object.ts";
import { compileLayout, type Layout } from "./layout/compile-layout.ts";
import { channelPlaceholders } from "./profile-path.ts";
import { createProfileReader } from "./profile-reader.ts";
import { type ProfileDocument, type ProfileField, profileSchema } from "./profile-schema.ts";
import { schemaProblems } from "./schema-problems.ts";

/** What the decoded fields of a device model mean. */
export interface DeviceProfile {
  /** `<maker>/<model>` */
  readonly name: string;
  readonly revision: number;
  readonly document: ProfileDocument;
  /** How its frames are read where no network server has decoded them. */
  readonly layout: Layout | undefined;
  /** JavaScript of the maker, where it has one in place of a layout. */
  readonly codec: string | undefined;
  /** Messnetz brings it; a town's own come first. */
  readonly isBrought?: true;
  /** The readings of one decoded object. What is in neither `fields` nor `ignore` is refused: nothing is dropped silently. */
  read(decoded: JsonObject, context: ReadContext): ProfileReadings;
}

export interface ReadContext {
  readonly device: string;
  /** Of the readings without a time of their own. */
  readonly time: EpochMs | undefined;
  /** Words that the registry explains for this device: they become readings without a property. */
  readonly explained?: Readonly<Record<string, unknown>> | undefined;
  /** Told of every value of the object, by whoever shows how it was read. */
  readonly watch?: ((seen: FieldSeen) => void) | undefined;
}

/** What became of one value of the object. */
export interface FieldSeen {
  /** As in the profile's `fields`, placeholders filled in. */
  readonly path: string;
  readonly raw: number | string | boolean;
  /** The object that has it. */
  readonly around: JsonObject;
  readonly became:
    | { readonly kind: "reading"; readonly reading: Reading; readonly field: ProfileField | undefined }
    | { readonly kind: "refused"; readonly reason: Refusal }
    /** A code for no value. */
    | { readonly kind: "none"; readonly field: ProfileField }
    /** The whole object measures nothing. */
    | { readonly kind: "skip" }
    | { readonly kind: "time" }
    | { readonly kind: "ignored"; readonly why: string };
}

export interface ProfileReadings {
  readonly readings: readonly Reading[];
  readonly refusals: readonly Refusal[];
  /** Why the object measures nothing. */
  readonly skip?: string;
}

/** What is wrong with a profile, each mistake with its place. A value, so that all files can be reported at once. */
export interface ProfileError {
  readonly file: string;
  readonly problems: readonly DocumentProblem[];
}

/** Reads the content of a profile file, already parsed from YAML or JSON. `codec` is the text of the file that it names as its codec. */
export function parseProfile(content: unknown, file: string, codec?: string): DeviceProfile | ProfileError {
  const parsed = profileSchema.safeParse(content);
  if (!parsed.success) return { file, problems: schemaProblems(parsed.error) };
  const document = parsed.data;
  const tellsUnit = (path: string) =>
    document.lists.some((list) => list.unit !== undefined && path.startsWith(`${list.path}.`));
  const problems = Object.entries(document.fields).flatMap(([path, field]) =>
    problemsOf({ path, at: ["fields", path] }, field, tellsUnit(path)),
  );
  for (const [path, choice] of Object.entries(document.choices)) {
    choice.forEach((field, n) =>
      problems.push(...problemsOf({ path, at: ["choices", path, n] }, field, tellsUnit(path))),
    );
  }
  const layout = document.layout === undefined ? undefined : compileLayout(document.layout);
  if (layout !== undefined && "problems" in layout) problems.push(...layout.problems);
  if (document.layout !== undefined && document.codec !== undefined)
    problems.push({ path: ["codec"], message: "layout and codec: one of them only — remove the other" });
  if (document.codec !== undefined && codec === undefined)
    problems.push({ path: ["codec"], message: `${document.codec} is not beside the profile — put it there` });
  if (problems.length > 0) return { file, problems };
  return {
    name: document.profile,
    revision: document.revision,
    document,
    layout: layout !== undefined && "read" in layout ? layout : undefined,
    codec: document.codec === undefined ? undefined : codec,
    read: createProfileReader(document),
  };
}

export function isProfile(result: DeviceProfile | ProfileError): result is DeviceProfile {
  return "read" in result;
}

function problemsOf(
  { path, at }: { readonly path: string; readonly at: readonly (string | number)[] },
  field: ProfileField,
  tellsUnit: boolean,
): DocumentProblem[] {
  const problems: DocumentProblem[] = [];
  const wrong = (key: string | undefined, message: string) =>
    problems.push({ path: [...at, ...(key === undefined ? [] : [key])], message });
  const observed = catalogue.get(field.property);
  if (observed === undefined) {
    const cure = "GET /api/v1/properties has them all; one of your own goes into the folder catalogue";
    wrong("property", `${field.property} is no observed property of the catalogue — ${cure}`);
    return problems;
  }
  if (field.unit === undefined && field.unitField === undefined && observed.kind !== "state" && !tellsUnit) {
    wrong(undefined, `a unit or unitField is missing — give the one that the device sends, as a UCUM code`);
  }
  if (field.unit !== undefined && conversion(field.unit, observed.unit) === undefined) {
    const cure = "give the UCUM code of what the device sends, or another property";
    wrong("unit", `the unit ${field.unit} cannot become ${observed.unit} of ${field.property} — ${cure}`);
  }
  if (observed.key === "temperature_difference" && field.unit !== "K") {
    wrong("unit", "a difference is in K — a point of a scale of temperature would be converted as one");
  }
  for (const [word, value] of Object.entries(field.enum ?? {})) {
    if (observed.states !== undefined && !(typeof value === "string" && observed.states.includes(value))) {
      const states = observed.states.join(", ");
      problems.push({
        path: [...at, "enum", word],
        message: `${value} is none of the words of ${field.property} — use one of ${states}`,
      });
    }
  }
  const { channel = "1" } = field;
  const filled = channelPlaceholders(channel).reduce((text, placeholder) => text.replaceAll(placeholder, "1"), channel);
  if (!isChannel(filled)) {
    wrong("channel", `${channel} is no channel — write it with A-Z a-z 0-9 _ - alone, at most 64 of them`);
  }
  for (const placeholder of channelPlaceholders(field.channel ?? "")) {
    if (!path.includes(placeholder)) {
      wrong("channel", `${placeholder} is a placeholder that the path does not have — write it into the path too`);
    }
  }
  return problems;
}
