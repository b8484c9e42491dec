import { catalogue, conversion, type EpochMs, type Reading, type Refusal } from "@messnetz/model";
import { z } from "zod";
import type { JsonObject } from "./json-object.ts";
import { compileLayout, type Layout } from "./layout/compile-layout.ts";
import { channelPlaceholders } from "./profile-path.ts";
import { createProfileReader } from "./profile-reader.ts";
import { type ProfileDocument, type ProfileField, profileSchema } from "./profile-schema.ts";

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
  /** The readings of one decoded object. What is in neither `fields` nor `ignore` is refused: nothing is dropped silently. */
  read(decoded: JsonObject, context: ReadContext): ProfileReadings;
}

export interface ReadContext {
  readonly device: string;
  /** Of the readings without a time of their own. */
  readonly time: EpochMs | undefined;
  /** Words that the registry explains for this device: they become readings without a property. */
  readonly explained?: Readonly<Record<string, unknown>> | undefined;
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
  readonly problems: readonly string[];
}

/** Reads the content of a profile file, already parsed from YAML or JSON. `codec` is the text of the file that it names as its codec. */
export function parseProfile(content: unknown, file: string, codec?: string): DeviceProfile | ProfileError {
  const parsed = profileSchema.safeParse(content);
  if (!parsed.success) return { file, problems: z.prettifyError(parsed.error).split("\n") };
  const document = parsed.data;
  const problems = Object.entries(document.fields).flatMap(([path, field]) => {
    const tellsUnit = document.lists.some((list) => list.unit !== undefined && path.startsWith(`${list.path}.`));
    return problemsOf(path, field, tellsUnit).map((problem) => `fields → ${path}: ${problem}`);
  });
  const layout = document.layout === undefined ? undefined : compileLayout(document.layout);
  if (layout !== undefined && "problems" in layout) problems.push(...layout.problems);
  if (document.layout !== undefined && document.codec !== undefined)
    problems.push("layout and codec: one of them only");
  if (document.codec !== undefined && codec === undefined)
    problems.push(`codec: ${document.codec} is not beside the profile`);
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

function problemsOf(path: string, field: ProfileField, tellsUnit: boolean): string[] {
  const observed = catalogue.get(field.property);
  if (observed === undefined) return [`${field.property} is no observed property of the catalogue`];
  const problems: string[] = [];
  if (field.unit === undefined && field.unitField === undefined && observed.kind !== "state" && !tellsUnit) {
    problems.push("a unit or unitField is missing");
  }
  if (field.unit !== undefined && conversion(field.unit, observed.unit) === undefined) {
    problems.push(`the unit ${field.unit} cannot become ${observed.unit} of ${field.property}`);
  }
  if (observed.key === "temperature_difference" && field.unit !== "K") {
    problems.push("a difference is in K: a point of a scale of temperature would be converted as one");
  }
  for (const value of Object.values(field.enum ?? {})) {
    if (observed.states !== undefined && !(typeof value === "string" && observed.states.includes(value))) {
      problems.push(`${value} is none of the words of ${field.property}: ${observed.states.join(", ")}`);
    }
  }
  for (const placeholder of channelPlaceholders(field.channel ?? "")) {
    if (!path.includes(placeholder)) problems.push(`the channel names ${placeholder}, which the path does not have`);
  }
  return problems;
}
