import type { z } from "zod";
import type { DocumentProblem } from "./document-problem.ts";

type Issue = z.core.$ZodIssue;

/** The mistakes that a schema found, each at the key where it stands. */
export function schemaProblems(error: z.ZodError): readonly DocumentProblem[] {
  return error.issues.flatMap(problemsOf);
}

function problemsOf(issue: Issue): readonly DocumentProblem[] {
  const path = issue.path.filter((step) => typeof step !== "symbol");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: "unknown key — correct or remove it; profiles/README.md says which there are",
    }));
  }
  return [{ path, message: wordsOf(issue) }];
}

function wordsOf(issue: Issue): string {
  if (issue.code === "invalid_key") return issue.issues.map(wordsOf).join("; ");
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const options = issue.errors.map((option) => option.map(wordsOf).join("; "));
    return [...new Set(options)].join(", or ");
  }
  const { message } = issue;
  const lacks = /^Invalid input: expected (.+), received undefined$/u.exec(message)?.[1];
  return lacks === undefined ? message.replace(/^Invalid input: /u, "") : `is missing: expected ${lacks} — add it`;
}
