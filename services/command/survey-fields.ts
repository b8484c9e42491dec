/** What was seen under one path of decoded objects. */
export interface FieldSurvey {
  /** As a profile has it: keys joined by `.`, `[]` for each element of a list, `<n>` for what tells repeated ones apart. */
  readonly path: string;
  /** In how many of the objects. */
  readonly seen: number;
  readonly numbers: { readonly min: number; readonly max: number } | undefined;
  readonly hasFlags: boolean;
  /** Texts, the first of them. */
  readonly words: readonly string[];
  readonly hasMoreWords: boolean;
  /** The paths that `<n>` stands for. */
  readonly of: readonly string[];
}

interface Gathered {
  readonly objects: Set<number>;
  min: number;
  max: number;
  hasFlags: boolean;
  readonly words: Set<string>;
  hasMoreWords: boolean;
}

const maxWords = 12;
const maxWordLength = 40;

/** All fields of the objects, in the order in which they were first seen. Values that are null have no field. */
export function surveyFields(objects: readonly Readonly<Record<string, unknown>>[]): readonly FieldSurvey[] {
  const found = new Map<string, Gathered>();
  objects.forEach((object, at) => visit(object, { path: "", at, found }));
  return fold(found);
}

interface Place {
  readonly path: string;
  readonly at: number;
  readonly found: Map<string, Gathered>;
}

function visit(value: unknown, place: Place): void {
  const { path } = place;
  if (Array.isArray(value)) {
    for (const element of value) visit(element, { ...place, path: `${path}[]` });
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value))
      visit(inner, { ...place, path: path === "" ? key : `${path}.${key}` });
  } else if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") {
    note(value, place);
  }
}

function note(value: number | string | boolean, { path, at, found }: Place): void {
  let gathered = found.get(path);
  if (gathered === undefined) {
    gathered = {
      objects: new Set(),
      min: Infinity,
      max: -Infinity,
      hasFlags: false,
      words: new Set(),
      hasMoreWords: false,
    };
    found.set(path, gathered);
  }
  gathered.objects.add(at);
  if (typeof value === "number") {
    gathered.min = Math.min(gathered.min, value);
    gathered.max = Math.max(gathered.max, value);
  } else if (typeof value === "boolean") gathered.hasFlags = true;
  else if (gathered.words.size < maxWords || gathered.words.has(value))
    gathered.words.add(value.slice(0, maxWordLength));
  else gathered.hasMoreWords = true;
}

/** Paths that differ in one number alone, and hold the same kind of value, are one path with a placeholder. */
function fold(found: ReadonlyMap<string, Gathered>): readonly FieldSurvey[] {
  const templates = new Map<string, string[]>();
  for (const [path, gathered] of found) {
    for (const template of templatesOf(path)) {
      const key = `${kindOf(gathered)} ${template}`;
      templates.set(key, [...(templates.get(key) ?? []), path]);
    }
  }
  const surveys: FieldSurvey[] = [];
  const taken = new Set<string>();
  for (const [path, gathered] of found) {
    if (taken.has(path)) continue;
    const [template, members] = widest(path, { gathered, templates, taken });
    for (const member of members) taken.add(member);
    surveys.push(
      surveyOf(
        template,
        members.length > 1 ? members : [],
        members.map((member) => found.get(member)!),
      ),
    );
  }
  return surveys;
}

function widest(
  path: string,
  {
    gathered,
    templates,
    taken,
  }: { gathered: Gathered; templates: ReadonlyMap<string, readonly string[]>; taken: ReadonlySet<string> },
): readonly [string, readonly string[]] {
  let best: readonly [string, readonly string[]] = [path, [path]];
  for (const template of templatesOf(path)) {
    const members = templates.get(`${kindOf(gathered)} ${template}`)!.filter((member) => !taken.has(member));
    if (members.length > best[1].length) best = [template, members];
  }
  return best;
}

/** What a profile would read as a pattern stands for itself only in other places. */
const special = /[<>*]/u;

function templatesOf(path: string): readonly string[] {
  if (special.test(path)) return [];
  return [...path.matchAll(/\d+/gu)].map(
    ({ index, 0: digits }) => `${path.slice(0, index)}<n>${path.slice(index + digits.length)}`,
  );
}

function kindOf({ min, hasFlags, words }: Gathered): string {
  return `${min < Infinity ? "number" : ""}${hasFlags ? "flag" : ""}${words.size > 0 ? "word" : ""}`;
}

function surveyOf(path: string, of: readonly string[], list: readonly Gathered[]): FieldSurvey {
  const min = Math.min(...list.map((one) => one.min));
  const words = new Set(list.flatMap((one) => [...one.words]));
  return {
    path,
    seen: new Set(list.flatMap((one) => [...one.objects])).size,
    numbers: min < Infinity ? { min, max: Math.max(...list.map((one) => one.max)) } : undefined,
    hasFlags: list.some((one) => one.hasFlags),
    words: [...words].slice(0, maxWords),
    hasMoreWords: words.size > maxWords || list.some((one) => one.hasMoreWords),
    of,
  };
}
