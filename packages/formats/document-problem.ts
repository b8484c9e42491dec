/** A mistake in a document that a person wrote, and where it stands. A value, so that all can be told at once. */
export interface DocumentProblem {
  /** Keys of mappings and places in lists, from the document's root; empty: the whole. */
  readonly path: readonly (string | number)[];
  /** What was expected and what came, and how it is cured. */
  readonly message: string;
}

/** `fields → level → unit: …` */
export function problemText({ path, message }: DocumentProblem): string {
  return path.length === 0 ? message : `${path.join(" → ")}: ${message}`;
}
