import { RegistryError, type RegistryErrorCode } from "@messnetz/registry";
import type { FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { z } from "zod";
import type { ApiEvents } from "./events.ts";
import { type Mistake, Problem, problemContentType, type ProblemKind, problemKinds, toDocument } from "./problem.ts";

/** Sends whatever went wrong as a problem document. What is not the caller's to know goes to the log alone. */
export function replyWithProblem(request: FastifyRequest, reply: FastifyReply, { error, events }: Failure) {
  const problem = toProblem(error, request);
  if (problem.kind === "internal") events.failed(problem.cause, request.url.split("?")[0]!);
  if (problem.kind === "unavailable") events.unavailable(problem.cause, request.url.split("?")[0]!);
  if (problem.kind === "unauthenticated") void reply.header("www-authenticate", 'Bearer realm="messnetz"');
  if (problem.retryAfterSeconds !== undefined) void reply.header("retry-after", problem.retryAfterSeconds);
  return reply.code(problemKinds[problem.kind].status).type(problemContentType).send(toDocument(problem));
}

export interface Failure {
  readonly error: unknown;
  readonly events: ApiEvents;
}

const registryKinds: Readonly<Record<RegistryErrorCode, ProblemKind>> = {
  invalid: "invalid-request",
  unknown_operator: "invalid-request",
  unknown_thing: "not-found",
  unknown_source: "not-found",
  unknown_token: "not-found",
  exists: "conflict",
  in_use: "conflict",
  corrupt: "unavailable",
  newer_schema: "unavailable",
  unwritable: "unavailable",
  key: "unavailable",
  closed: "unavailable",
};
const retryAfterSeconds = 5;

const byStatus: Readonly<Record<number, ProblemKind>> = {
  413: "too-large",
  414: "too-large",
  415: "unsupported-media-type",
};

function toProblem(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return validationProblem(error, request);
  if (error instanceof RegistryError) {
    const kind = registryKinds[error.code];
    if (kind !== "unavailable") return new Problem(kind, error.message, { cause: error });
    return new Problem(kind, "expected the registry to be writable; nothing was changed", {
      cause: error,
      retryAfterSeconds,
    });
  }
  const status = statusOf(error);
  if (error instanceof Error && status >= 400 && status < 500)
    return new Problem(byStatus[status] ?? "invalid-request", error.message, { cause: error });
  return new Problem("internal", "expected an answer; the server met a bug, which its log describes", { cause: error });
}

function statusOf(error: unknown): number {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number"
    ? error.statusCode
    : 500;
}

interface ValidationIssue {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const places = { querystring: "query", params: "path", body: "body", headers: "header" } as const;
type ValidatedPart = keyof typeof places;

function validationProblem(
  error: { readonly validation: readonly unknown[]; readonly validationContext?: string },
  request: FastifyRequest,
): Problem {
  const part = (error.validationContext ?? "body") as ValidatedPart;
  const issues = error.validation as readonly ValidationIssue[];
  const mistakes = issues.flatMap((issue) => mistakesOf(issue, part, request));
  const list = mistakes.map(
    ({ name, expected, came }) =>
      `${name || "body"}: expected ${expected}${came === undefined ? "" : `; came ${came}`}`,
  );
  return new Problem("invalid-request", list.join(". "), { mistakes });
}

function mistakesOf(issue: ValidationIssue, part: ValidatedPart, request: FastifyRequest): readonly Mistake[] {
  const path = issue.instancePath.split("/").filter((step) => step !== "");
  const place = places[part];
  if (issue.keyword === "unrecognized_keys" && Array.isArray(issue.params["keys"])) {
    const known = knownNames(request, part, path);
    return issue.params["keys"].map((key) => ({
      in: place,
      name: [...path, String(key)].join("."),
      expected: known === undefined ? "nothing of this name" : `one of ${known.join(", ") || "no parameters at all"}`,
    }));
  }
  const came = valueAt(partOf(request, part), path);
  return [
    {
      in: place,
      name: path.join("."),
      expected: expectation(issue),
      ...(came === undefined ? {} : { came: shorten(came) }),
    },
  ];
}

const cameMaxLength = 100;

function shorten(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > cameMaxLength ? `${text.slice(0, cameMaxLength - 1)}…` : text;
}

/** What zod's message expected, without the words around it. */
function expectation({ keyword, message = "something else", params }: ValidationIssue): string {
  if (keyword === "invalid_format" && params["format"] === "datetime")
    return "an instant in ISO 8601 with a zone, for example 2026-03-29T01:00:00Z (in a URL, + is written %2B)";
  return message.replace(/^(?:[A-Z][a-z ]+: )?expected /, "").replace(/, received .*$/, "");
}

function partOf(request: FastifyRequest, part: ValidatedPart): unknown {
  return part === "querystring"
    ? request.query
    : part === "params"
      ? request.params
      : part === "body"
        ? request.body
        : request.headers;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, step) => (typeof at === "object" && at !== null ? Reflect.get(at, step) : undefined),
    value,
  );
}

function knownNames(
  request: FastifyRequest,
  part: ValidatedPart,
  path: readonly string[],
): readonly string[] | undefined {
  const schema = request.routeOptions.schema?.[part];
  return path.length === 0 && schema instanceof z.ZodObject ? Object.keys(schema.shape) : undefined;
}
