import { checkExamples, type CodecRunner, type DeviceProfile, isProfile, parseProfile } from "@messnetz/formats";
import { type FileProblem, readYaml } from "./yaml-text.ts";

/** Who runs codecs in JavaScript. */
export interface ProfileCodecs extends CodecRunner {
  /** What is wrong with the text of a codec; undefined where it can be run. */
  check(source: string): string | undefined;
}

/** The text of a profile's file, and of the codec beside it, where it names one that is there. */
export interface ProfileText {
  readonly file: string;
  readonly text: string;
  readonly codec?: string | undefined;
  /** Why there is no text of it, or of its codec. */
  readonly unreadable?: string | undefined;
}

export interface CheckedProfile {
  /** Undefined where anything is wrong. */
  readonly profile: DeviceProfile | undefined;
  readonly problems: readonly FileProblem[];
}

/**
 * A profile as its text has it, with all that is wrong in it: syntax, keys, properties, units, layout, codec, and examples that give something
 * else than they say. Without `codecs` no codec is tried.
 */
export function checkProfileText(
  { file, text, codec, unreadable }: ProfileText,
  codecs?: ProfileCodecs,
): CheckedProfile {
  if (unreadable !== undefined)
    return { profile: undefined, problems: [{ file, line: 1, column: 1, message: unreadable }] };
  const yaml = readYaml(file, text);
  if (yaml.problems.length > 0) return { profile: undefined, problems: yaml.problems };
  const result = parseProfile(yaml.content, file, codec);
  if (!isProfile(result))
    return { profile: undefined, problems: result.problems.map((problem) => yaml.place(problem)) };
  const unrunnable = codec === undefined ? undefined : codecs?.check(codec);
  if (unrunnable !== undefined) {
    const message = `${result.document.codec ?? "the codec"} cannot be run: ${unrunnable} — correct it`;
    return { profile: undefined, problems: [yaml.place({ path: ["codec"], message })] };
  }
  const problems = checkExamples(result, codecs).map((problem) => yaml.place(problem));
  return { profile: problems.length === 0 ? result : undefined, problems };
}
