import type { DocumentProblem } from "@messnetz/formats";
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";

/** A mistake in a file; line and column count from 1. */
export interface FileProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What was expected and what came, and how it is cured. */
  readonly message: string;
}

/** `maker/model.yaml:7:3: …`, as editors and compilers have it. */
export function fileProblemText({ file, line, column, message }: FileProblem): string {
  return `${file}:${line}:${column}: ${message}`;
}

/** A YAML file as plain content, and the way back from a path in it to its line. */
export interface YamlText {
  /** Undefined where the syntax is wrong; `problems` says why. */
  readonly content: unknown;
  readonly problems: readonly FileProblem[];
  /** A mistake in the content as one in the file: at the key, or else at what is around it. */
  place(problem: DocumentProblem): FileProblem;
}

export function readYaml(file: string, text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const cure = "correct the YAML";
  // What comes after the first is mostly its consequence.
  const problems = document.errors
    .slice(0, 1)
    .map(({ message, pos }) => ({ ...at(pos[0]), message: `${message} — ${cure}` }));
  const content = problems.length > 0 ? undefined : plainOf(document);
  if (content instanceof Error) problems.push({ ...at(0), message: `${content.message} — ${cure}` });
  return {
    content: problems.length > 0 ? undefined : content,
    problems,
    place({ path, message }) {
      const where = path.length === 0 ? "" : `${path.join(" → ")}: `;
      return { ...at(offsetOf(document, path)), message: `${where}${message}` };
    },
  };
}

function plainOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // Aliases that grow beyond bounds, or that lead nowhere.
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Where the key of the last step begins, or as far as the path leads. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const step of path) {
    const around = isAlias(node) ? node.resolve(document) : node;
    const pair = isMap(around)
      ? around.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      : undefined;
    const next: unknown = pair?.value ?? (isSeq(around) ? around.items[Number(step)] : undefined);
    const found: unknown = pair?.key ?? next;
    if (!isNode(found)) return offset;
    offset = found.range?.[0] ?? offset;
    node = next;
  }
  return offset;
}
