import { operatorSchema, toIso } from "@messnetz/model";
import { everyOperator, type Principal, scopes, tokenRequestSchema } from "@messnetz/registry";
import { z } from "zod";
import { assertMay, mayDo } from "../access.ts";
import type { Resource } from "../api-server.ts";
import { principalOf } from "../api-server.ts";
import { notFound, Problem } from "../problem.ts";
import { instantField } from "../request-fields.ts";
import { describeRoute } from "../route-description.ts";

const tokenView = z
  .object({
    id: z.string().describe("Stands in logs; no secret."),
    name: z.string(),
    operator: z.union([z.literal(everyOperator), operatorSchema]),
    scopes: z.array(z.enum(scopes)),
    domains: tokenRequestSchema.shape.domains,
    issuedAt: z.string().describe("ISO 8601, UTC."),
    issuedBy: z.string().optional().describe("The id of the token that issued it; absent where the command line did."),
    expiresAt: z.string().optional().describe("ISO 8601, UTC. Absent: it does not expire."),
  })
  .meta({ id: "Token" });

export const tokens: Resource = (server, { registry, recorder }) => {
  const querystring = z.strictObject({});
  const list = describeRoute({
    resource: "admin",
    access: "admin",
    summary: "Tokens that were issued and not revoked",
    description: "Without their secrets, which are stored nowhere.",
    ok: z.object({ items: z.array(tokenView) }),
  });
  server.get("/api/v1/tokens", { ...list, schema: { ...list.schema, querystring } }, async (request) => ({
    items: registry
      .tokens()
      .filter((token) => mayAdminister(principalOf(request), token))
      .map(viewToken),
  }));

  const issue = describeRoute({
    resource: "admin",
    access: "admin",
    summary: "Issue a token",
    description:
      "The answer shows it once. `operator` `*` sees the things of all. No token can issue one that may see or do more than itself, or that outlives it.",
    ok: z.object({ token: z.string().describe("Shown once, stored nowhere."), ...tokenView.shape }),
  });
  const body = tokenRequestSchema.extend({ expiresAt: instantField.optional() });
  server.post("/api/v1/tokens", { ...issue, schema: { ...issue.schema, querystring, body } }, async (request) => {
    const principal = principalOf(request);
    const { expiresAt, domains, ...rest } = request.body;
    const wanted = { ...rest, ...(domains && { domains }), ...(expiresAt === undefined ? {} : { expiresAt }) };
    assertMay(principal, { kind: "administer-operator", operator: wanted.operator, domains });
    assertNotOutlived(principal, expiresAt);
    const issued = await recorder.change(
      { principal, action: "token.issue", subject: wanted.name },
      () => registry.issueToken(wanted, principal.id),
      (token) => ({ subject: token.principal.id }),
    );
    return { token: issued.token, ...viewToken(issued.principal) };
  });

  const revoke = describeRoute({
    resource: "admin",
    access: "admin",
    summary: "Revoke a token",
    description: "It is not accepted from then on.",
    problems: ["not-found"],
  });
  const params = z.strictObject({ id: z.string() });
  server.delete(
    "/api/v1/tokens/:id",
    { ...revoke, schema: { ...revoke.schema, querystring, params } },
    async (request, reply) => {
      const principal = principalOf(request);
      const { id } = request.params;
      const found = registry.tokens().find((token) => token.id === id && mayAdminister(principal, token));
      if (found === undefined) throw notFound("a token");
      await recorder.change({ principal, action: "token.revoke", subject: id }, () => registry.revokeToken(id));
      return reply.code(204).send();
    },
  );
};

function mayAdminister(principal: Principal, { operator, domains }: Principal): boolean {
  return mayDo(principal, { kind: "administer-operator", operator, domains });
}

function assertNotOutlived(principal: Principal, expiresAt: number | undefined): void {
  if (principal.expiresAt === undefined || (expiresAt !== undefined && expiresAt <= principal.expiresAt)) return;
  const came = expiresAt === undefined ? "none" : toIso(expiresAt);
  throw new Problem(
    "forbidden",
    `expected an expiresAt not after ${toIso(principal.expiresAt)}, when this token expires; came ${came}`,
  );
}

function viewToken({ id, name, operator, scopes: given, domains, issuedAt, issuedBy, expiresAt }: Principal) {
  return {
    id,
    name,
    operator,
    scopes: [...given],
    ...(domains && { domains: [...domains] }),
    issuedAt: toIso(issuedAt),
    ...(issuedBy === undefined ? {} : { issuedBy }),
    ...(expiresAt === undefined ? {} : { expiresAt: toIso(expiresAt) }),
  };
}
