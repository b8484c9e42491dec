import { z } from "zod";
import type { Access } from "./api-server.ts";
import type { ResourceName } from "./events.ts";
import { problemContentType, type ProblemKind, problemKinds, problemSchema } from "./problem.ts";

export interface RouteDescription {
  readonly resource: ResourceName;
  readonly access: Access;
  /** Without a token it answers with what operators made public. The same planner sees to it: the handler does nothing for it. */
  readonly openTo?: "public";
  readonly summary: string;
  readonly description: string;
  /** What a good answer holds. Absent: 204. */
  readonly ok?: z.ZodType;
  /** Of `ok`, where it is JSON of another name. */
  readonly contentType?: string;
  /** Content types of a good answer that is not JSON. */
  readonly contentTypes?: readonly string[];
  /** Problems beside those that any route of this access has. */
  readonly problems?: readonly ProblemKind[];
}

/** Security schemes of the OpenAPI document. */
export const bearerScheme = "token";
export const credentialScheme = "credential";

/** The options of a route beside its path, parameters and handler. */
export function describeRoute(route: RouteDescription) {
  return {
    config: { access: route.access, openTo: route.openTo, resource: route.resource },
    schema: {
      tags: [route.resource],
      summary: route.summary,
      description: route.access === "public" ? route.description : `${route.description}\n\n${scopeText(route)}`,
      security: securityOf(route),
      response: { ...goodResponse(route), ...problemResponses(route) },
    },
  };
}

function securityOf({ access, openTo }: RouteDescription): readonly Record<string, string[]>[] {
  if (access === "public") return [];
  if (access === "device") return [{ [credentialScheme]: [] }];
  return [{ [bearerScheme]: [] }, ...(openTo === "public" ? [{}] : [])];
}

function scopeText({ access, openTo }: RouteDescription): string {
  if (access === "device") return "User name and password of a credential, as at the MQTT door; no token.";
  return openTo === "public"
    ? `Scope: \`${access}\`. Without a token: what operators have made public.`
    : `Scope: \`${access}\`.`;
}

function goodResponse({ ok, contentType = "application/json", contentTypes, summary }: RouteDescription) {
  if (contentTypes !== undefined) {
    const binary = z.string().meta({ format: "binary" });
    const schemaOf = (type: string) => (/^application\/(?:.*\+)?json$/.test(type) ? z.looseObject({}) : binary);
    return {
      200: {
        description: summary,
        content: Object.fromEntries(contentTypes.map((type) => [type, { schema: schemaOf(type) }])),
      },
    };
  }
  if (ok === undefined) return { 204: z.undefined().describe("Done.") };
  return { 200: { description: summary, content: { [contentType]: { schema: ok } } } };
}

function problemResponses({ access, resource, problems = [] }: RouteDescription) {
  const limited: readonly ProblemKind[] = access === "public" && resource === "operations" ? [] : ["too-many"];
  const always: readonly ProblemKind[] =
    access === "public"
      ? ["internal", ...limited]
      : access === "device"
        ? ["invalid-request", "unauthenticated", "internal", "unavailable", ...limited]
        : ["invalid-request", "unauthenticated", "forbidden", "internal", "unavailable", ...limited];
  return Object.fromEntries(
    [...always, ...problems].map((kind) => [
      problemKinds[kind].status,
      { description: problemKinds[kind].title, content: { [problemContentType]: { schema: problemSchema } } },
    ]),
  );
}
