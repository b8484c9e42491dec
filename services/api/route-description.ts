import { z } from "zod";
import type { Access } from "./api-server.ts";
import type { ResourceName } from "./events.ts";
import { problemContentType, type ProblemKind, problemKinds, problemSchema } from "./problem.ts";

export interface RouteDescription {
  readonly resource: ResourceName;
  readonly access: Access;
  readonly summary: string;
  readonly description: string;
  /** What a good answer holds. Absent: 204. */
  readonly ok?: z.ZodType;
  /** Content types of a good answer that is not JSON. */
  readonly contentTypes?: readonly string[];
  /** Problems beside those that any route of this access has. */
  readonly problems?: readonly ProblemKind[];
}

/** Security scheme of the OpenAPI document. */
export const bearerScheme = "token";

/** The options of a route beside its path, parameters and handler. */
export function describeRoute(route: RouteDescription) {
  return {
    config: { access: route.access, resource: route.resource },
    schema: {
      tags: [route.resource],
      summary: route.summary,
      description:
        route.access === "public" ? route.description : `${route.description}\n\nScope: \`${route.access}\`.`,
      security: route.access === "public" ? [] : [{ [bearerScheme]: [] }],
      response: { ...goodResponse(route), ...problemResponses(route) },
    },
  };
}

function goodResponse({ ok, contentTypes, summary }: RouteDescription) {
  if (contentTypes !== undefined) {
    const schema = z.string().meta({ format: "binary" });
    return {
      200: { description: summary, content: Object.fromEntries(contentTypes.map((type) => [type, { schema }])) },
    };
  }
  if (ok === undefined) return { 204: z.undefined().describe("Done.") };
  return { 200: { description: summary, content: { "application/json": { schema: ok } } } };
}

function problemResponses({ access, problems = [] }: RouteDescription) {
  const always: readonly ProblemKind[] =
    access === "public" ? ["internal"] : ["invalid-request", "unauthenticated", "forbidden", "internal", "unavailable"];
  return Object.fromEntries(
    [...always, ...problems].map((kind) => [
      problemKinds[kind].status,
      { description: problemKinds[kind].title, content: { [problemContentType]: { schema: problemSchema } } },
    ]),
  );
}
