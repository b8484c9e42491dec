import { createCodecs } from "@messnetz/codec";
import { type CheckedProfiles, checkProfileFiles, type FileProblem } from "@messnetz/profiles";

export { fileProblemText } from "@messnetz/profiles";

/**
 * What a service that reads these files and folders would say, examples of codecs tried in their sandbox; and what stands there as TODO, also
 * where a service could live with it.
 */
export async function checkHere(paths: readonly string[]): Promise<Omit<CheckedProfiles, "texts">> {
  const codecs = createCodecs();
  try {
    const { profiles, problems, texts } = await checkProfileFiles(paths, codecs);
    const undecided = texts.flatMap(({ file, text }) => findUndecided(file, text));
    const placeOf = ({ file, line }: FileProblem) => `${file}:${line}`;
    const open = new Set(undecided.map(placeOf));
    const told = new Set(problems.map(placeOf));
    return {
      profiles,
      problems: [
        ...problems.map((one) =>
          open.has(placeOf(one)) ? { ...one, message: `${one.message} — decide what is TODO here` } : one,
        ),
        ...undecided.filter((one) => !told.has(placeOf(one))),
      ].toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1)),
    };
  } finally {
    await codecs.close();
  }
}

/** Values, not comments. */
function findUndecided(file: string, text: string): readonly FileProblem[] {
  return text.split("\n").flatMap((line, at) => {
    const value = /^(?:"(?:[^"\\]|\\.)*"|(?<=\S)#|[^#])*/u.exec(line)?.[0] ?? "";
    const column = value.search(/\bTODO\b/u) + 1;
    return column === 0 ? [] : [{ file, line: at + 1, column, message: "TODO — decide what is to stand here" }];
  });
}
