import type { z } from "zod";
import { describeField, type FieldDescription } from "./config-field.ts";
import { nearest } from "./nearest.ts";

const prefix = "MESSNETZ_";
/** Says how long the trials among the tests are; a service that a trial starts inherits it. */
const testVariable = "MESSNETZ_TRIALS";

/** A variable that does not fit. `came` is masked where the variable is a secret. */
export interface ConfigMistake {
  readonly variable: string;
  readonly expected: string;
  readonly came: string;
}

/** Every mistake of the environment at once. */
export class ConfigError extends Error {
  readonly mistakes: readonly ConfigMistake[];

  constructor(mistakes: readonly ConfigMistake[]) {
    const lines = mistakes.map(({ variable, expected, came }) => `  ${variable}: ${expected}; came ${came}`);
    super(`the configuration has ${mistakes.length} mistake${mistakes.length === 1 ? "" : "s"}:\n${lines.join("\n")}`);
    this.name = "ConfigError";
    this.mistakes = mistakes;
  }
}

/**
 * Reads the variables that the flat schema names. An empty variable counts as absent, as compose files write it. Throws a
 * `ConfigError` with every mistake, unknown `MESSNETZ_*` variables among them. A variable is a secret when its schema says
 * `.meta({ secret: true })`, or says nothing of it and its name ends in SECRET, PASSWORD, TOKEN or KEY.
 */
export function loadConfig<S extends z.ZodObject>(
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
): z.output<S> {
  const given = new Map(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ""),
  );
  const fields = describeFields(schema);
  const values = Object.fromEntries(
    [...fields.keys()].filter((name) => given.has(name)).map((name) => [name, given.get(name)]),
  );
  const parsed = schema.safeParse(values);
  const mistakes: ConfigMistake[] = [];
  for (const { path, message } of parsed.error?.issues ?? []) {
    const expected = message.replace(/^Invalid input: /, "");
    const variable = path[0] === undefined ? undefined : String(path[0]);
    if (variable === undefined) mistakes.push({ variable: "the whole", expected, came: "another combination" });
    else mistakes.push({ variable, expected, came: describeValue(given.get(variable), fields.get(variable)) });
  }
  for (const name of given.keys()) {
    if (!name.startsWith(prefix) || name === testVariable || fields.has(name)) continue;
    const near = nearest(name, [...fields.keys()]);
    mistakes.push({
      variable: name,
      expected: near === undefined ? "no variable has this name" : `no variable has this name; is ${near} meant?`,
      came: "a value",
    });
  }
  if (!parsed.success || mistakes.length > 0) throw new ConfigError(mistakes);
  return parsed.data;
}

/** The text of `.env.example`: each variable with its description and default; what has a default or may be absent is commented out. */
export function describeConfig(schema: z.ZodObject): string {
  const blocks = [...describeFields(schema)].map(([name, field]) => {
    const comment = field.description === undefined ? [] : field.description.split("\n").map((line) => `# ${line}`);
    return [...comment, `${field.required ? "" : "# "}${name}=${field.secret ? "" : (field.defaultText ?? "")}`].join(
      "\n",
    );
  });
  return `${blocks.join("\n\n")}\n`;
}

function describeFields(schema: z.ZodObject): ReadonlyMap<string, FieldDescription> {
  return new Map(Object.entries<z.ZodType>(schema.shape).map(([name, field]) => [name, describeField(name, field)]));
}

function describeValue(value: string | undefined, field: FieldDescription | undefined): string {
  if (value === undefined) return "nothing";
  return field?.secret === true ? `a secret of ${value.length} characters` : JSON.stringify(withoutUserInfo(value));
}

/** The text with user name and password of an address in it (RFC 3986, 3.2.1) hidden. */
export function withoutUserInfo(text: string): string {
  return text.replaceAll(/\/\/[^/\s]*@/g, "//[hidden]@");
}
