import { sourceSchema, toIso } from "@messnetz/model";
import type { CredentialState, Principal } from "@messnetz/registry";
import { z } from "zod";
import { assertMay, mayDo } from "../access.ts";
import type { Resource } from "../api-server.ts";
import { principalOf } from "../api-server.ts";
import { notFound } from "../problem.ts";
import { describeRoute } from "../route-description.ts";

const credentialView = sourceSchema
  .extend({
    issuedAt: z.string().describe("ISO 8601, UTC."),
    revokedAt: z.string().optional().describe("ISO 8601, UTC. From then on its secret is not accepted."),
  })
  .meta({ id: "Credential" });
const withSecret = z.object({
  id: z.string().describe("MQTT user name."),
  secret: z.string().describe("MQTT password. Shown once, stored nowhere."),
});

export const credentials: Resource = (server, { registry, recorder }) => {
  const querystring = z.strictObject({});
  const params = z.strictObject({ id: z.string() });
  const list = describeRoute({
    resource: "admin",
    access: "admin",
    summary: "Credentials with which devices and bridges publish",
    description: "Revoked ones too, for the ledger and the quarantine name them. Without their secrets.",
    ok: z.object({ items: z.array(credentialView) }),
  });
  server.get("/api/v1/credentials", { ...list, schema: { ...list.schema, querystring } }, async (request) => ({
    items: registry
      .credentials()
      .filter(({ source }) => mayAdminister(principalOf(request), source.operator))
      .map(viewCredential),
  }));

  const issue = describeRoute({
    resource: "admin",
    access: "admin",
    summary: "Issue a credential",
    description: "The answer shows its secret once. `topics` are MQTT topic filters that it may publish to.",
    ok: withSecret,
    problems: ["conflict"],
  });
  server.post(
    "/api/v1/credentials",
    { ...issue, schema: { ...issue.schema, querystring, body: sourceSchema } },
    async (request) => {
      const principal = principalOf(request);
      assertMay(principal, { kind: "administer-operator", operator: request.body.operator });
      const act = { principal, action: "credential.issue", subject: request.body.id } as const;
      const { source, secret } = await recorder.change(act, () => registry.issueCredential(request.body));
      return { id: source.id, secret };
    },
  );

  const change = describeRoute({
    resource: "admin",
    access: "admin",
    summary: "Change what a credential may do",
    description: "Its secret stays.",
    ok: credentialView,
    problems: ["not-found"],
  });
  const body = sourceSchema.omit({ id: true });
  server.put(
    "/api/v1/credentials/:id",
    { ...change, schema: { ...change.schema, querystring, params, body } },
    async (request) => {
      const principal = principalOf(request);
      const { source } = find(principal, request.params.id);
      assertMay(principal, { kind: "administer-operator", operator: request.body.operator });
      const changed = { ...request.body, id: source.id };
      await recorder.change({ principal, action: "credential.change", subject: source.id }, () =>
        registry.apply([{ kind: "put-source", source: changed }]),
      );
      return viewCredential(find(principal, source.id));
    },
  );

  const rotate = describeRoute({
    resource: "admin",
    access: "admin",
    summary: "Give a credential a new secret",
    description: "The old one is not accepted any more. Gives a revoked credential back.",
    ok: withSecret,
    problems: ["not-found"],
  });
  server.post(
    "/api/v1/credentials/:id/rotate",
    { ...rotate, schema: { ...rotate.schema, querystring, params } },
    async (request) => {
      const principal = principalOf(request);
      const { id } = find(principal, request.params.id).source;
      const act = { principal, action: "credential.rotate", subject: id } as const;
      const { secret } = await recorder.change(act, () => registry.rotateCredential(id));
      return { id, secret };
    },
  );

  const revoke = describeRoute({
    resource: "admin",
    access: "admin",
    summary: "Revoke a credential",
    description: "Its secret is not accepted from then on. What it brought stays.",
    problems: ["not-found"],
  });
  server.delete(
    "/api/v1/credentials/:id",
    { ...revoke, schema: { ...revoke.schema, querystring, params } },
    async (request, reply) => {
      const principal = principalOf(request);
      const { source } = find(principal, request.params.id);
      await recorder.change({ principal, action: "credential.revoke", subject: source.id }, () =>
        registry.revokeCredential(source.id),
      );
      return reply.code(204).send();
    },
  );

  function find(principal: Principal, id: string): CredentialState {
    const found = registry.credentials().find(({ source }) => source.id === id);
    if (found === undefined || !mayAdminister(principal, found.source.operator)) throw notFound("a credential");
    return found;
  }
};

function mayAdminister(principal: Principal, operator: string): boolean {
  return mayDo(principal, { kind: "administer-operator", operator });
}

function viewCredential({ source, issuedAt, revokedAt }: CredentialState) {
  return { ...source, issuedAt: toIso(issuedAt), ...(revokedAt === undefined ? {} : { revokedAt: toIso(revokedAt) }) };
}
