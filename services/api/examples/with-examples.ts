import exampleAnswers from "./example-answers.json" with { type: "json" };
import { type ExampleRequest, exampleRequests } from "./example-requests.ts";

export interface ExampleAnswer {
  readonly status: number;
  /** Absent where the answer has no content. */
  readonly type?: string;
  readonly body?: unknown;
}

interface Content {
  readonly schema?: unknown;
  readonly example?: unknown;
}

interface Described {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, Content>> };
  readonly responses?: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>;
}

export const answers: Readonly<Record<string, ExampleAnswer>> = exampleAnswers;

/** The document with an example of a request and of its answer at every route. */
export function withExamples<Document extends object>(document: Document): Document {
  const { paths = {} } = document as { readonly paths?: Readonly<Record<string, Readonly<Record<string, Described>>>> };
  const shown = Object.entries(paths).map(([path, methods]) => [
    path,
    Object.fromEntries(
      Object.entries(methods).map(([method, operation]) => [method, withExample(`${method} ${path}`, operation)]),
    ),
  ]);
  return { ...document, paths: Object.fromEntries(shown) as object };
}

function withExample(route: string, operation: Described): Described {
  const request = exampleRequests[route];
  if (request === undefined) return operation;
  const { parameters, requestBody, responses } = operation;
  const answer = answers[route];
  return {
    ...operation,
    ...(parameters && { parameters: parameters.map((one) => ({ ...one, ...exampleOf(one, request) })) }),
    ...(requestBody?.content && {
      requestBody: {
        ...requestBody,
        content: withValue(requestBody.content, request.type ?? "application/json", request.body),
      },
    }),
    ...(responses && answer?.type && { responses: withAnswer(responses, answer) }),
  };
}

function exampleOf(
  { name, in: place }: { readonly name: string; readonly in: string },
  request: ExampleRequest,
): object {
  const value = (place === "path" ? request.path : request.query)?.[name];
  if (value === undefined) return {};
  return { example: /^(?:limit|points)$/.test(name) ? Number(value) : value };
}

function withAnswer(responses: NonNullable<Described["responses"]>, { status, type, body }: ExampleAnswer) {
  const response = responses[status];
  if (response?.content === undefined) return responses;
  return { ...responses, [status]: { ...response, content: withValue(response.content, type!, body) } };
}

function withValue(content: Readonly<Record<string, Content>>, type: string, example: unknown) {
  return Object.hasOwn(content, type) ? { ...content, [type]: { ...content[type], example } } : content;
}
