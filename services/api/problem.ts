import { z } from "zod";

/** Every problem that the API answers with. The type is `urn:messnetz:problem:<key>`. */
export const problemKinds = {
  "invalid-request": { status: 400, title: "The request is not as the description of the route says" },
  unauthenticated: { status: 401, title: "A token is needed" },
  forbidden: { status: 403, title: "The token may not do this" },
  "not-found": { status: 404, title: "There is nothing here" },
  conflict: { status: 409, title: "It is taken, or in use" },
  gone: { status: 410, title: "There was something here, and there is another now" },
  "too-slow": { status: 408, title: "The body did not come in time" },
  "too-large": { status: 413, title: "The request is too large" },
  "unsupported-media-type": { status: 415, title: "The content type is not understood here" },
  "too-much": { status: 422, title: "The request asks for more than one answer may hold" },
  "too-many": { status: 429, title: "Too many at once" },
  // The status is seen by our own metrics only: there is nobody left to be told.
  abandoned: { status: 499, title: "The client has gone" },
  internal: { status: 500, title: "A bug of the server" },
  "audit-full": { status: 503, title: "The audit log is full: what cannot be written down is not done" },
  unavailable: { status: 503, title: "The store cannot answer now" },
  "quarantine-full": { status: 507, title: "The message cannot be read, and the quarantine has no room for it" },
} as const;
export type ProblemKind = keyof typeof problemKinds;

const mistakeSchema = z.object({
  in: z.enum(["query", "path", "body", "header"]).describe("Where it stands."),
  name: z.string().describe("The parameter, or the path into the body."),
  expected: z.string(),
  came: z.string().optional(),
});
export type Mistake = z.infer<typeof mistakeSchema>;

/** RFC 9457. */
export const problemSchema = z
  .object({
    type: z.string().describe("`urn:messnetz:problem:<kind>`, stable."),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe("What was expected and what came."),
    mistakes: z.array(mistakeSchema).optional().describe("Every mistake of the request, not only the first."),
  })
  .meta({ id: "Problem", description: "A problem document (RFC 9457)." });
export type ProblemDocument = z.infer<typeof problemSchema>;

export const problemContentType = "application/problem+json";

export interface ProblemOptions extends ErrorOptions {
  readonly mistakes?: readonly Mistake[];
  readonly retryAfterSeconds?: number;
}

/** Thrown by whatever finds that a request cannot be answered; becomes a problem document. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly mistakes: readonly Mistake[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: ProblemKind, detail: string, options: ProblemOptions = {}) {
    super(detail, options);
    this.name = "Problem";
    this.kind = kind;
    this.mistakes = options.mistakes;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export function toDocument(problem: Problem): ProblemDocument {
  const { status, title } = problemKinds[problem.kind];
  return {
    type: `urn:messnetz:problem:${problem.kind}`,
    title,
    status,
    detail: problem.message,
    ...(problem.mistakes === undefined ? {} : { mistakes: [...problem.mistakes] }),
  };
}

/** One answer for what is another operator's and what is not at all: nobody learns which it was. */
export function notFound(what: string): Problem {
  return new Problem("not-found", `expected ${what} that is there and that the token may see`);
}
