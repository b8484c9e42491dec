import { randomBytes } from "node:crypto";
import type { EpochMs } from "@messnetz/model";
import { toBase32 } from "./base32.ts";
import { type Draft, parse } from "./draft.ts";
import { RegistryError } from "./error.ts";
import type { Journal } from "./journal.ts";
import { everyOperator, type IssuedCredential, type Registry, tokenRequestSchema } from "./port.ts";
import { carryOut, requireOperator } from "./rules.ts";
import { newSecret, type SecretSeal } from "./secret.ts";
import { formatToken, parseToken } from "./token-text.ts";

export type Access = Pick<
  Registry,
  | "authenticate"
  | "isActive"
  | "authorise"
  | "issueCredential"
  | "rotateCredential"
  | "revokeCredential"
  | "issueToken"
  | "revokeToken"
> & {
  /** Credentials for those of the sources that the draft still has and that have none. */
  issueMissing(draft: Draft, sources: ReadonlySet<string>): readonly IssuedCredential[];
};

export interface AccessParts {
  readonly journal: Journal;
  readonly seal: SecretSeal;
  readonly now: () => EpochMs;
}

/** Who may come in: MQTT credentials and API tokens. */
export function createAccess({ journal, seal, now }: AccessParts): Access {
  function issue(draft: Draft, sourceId: string): IssuedCredential {
    const source = draft.get("source", sourceId);
    if (source === undefined) throw unknownSource(sourceId);
    const secret = newSecret();
    const sealed = seal.seal({ purpose: "mqtt", id: sourceId, secret: Buffer.from(secret) });
    draft.put("secret", sourceId, { seal: sealed, issuedAt: now() });
    return { source, secret };
  }

  return {
    authenticate(username, password) {
      const sealed = journal.state.secret.get(username)?.seal;
      const isRight = seal.matches({ purpose: "mqtt", id: username, secret: password }, sealed);
      return isRight ? journal.state.source.get(username) : undefined;
    },
    isActive: (sourceId) => journal.state.secret.get(sourceId)?.seal !== undefined,
    authorise(text) {
      const parts = parseToken(text);
      if (parts === undefined) return undefined;
      const token = journal.state.token.get(parts.id);
      const claim = { purpose: "token", id: parts.id, secret: Buffer.from(parts.secret) } as const;
      if (!seal.matches(claim, token?.seal) || token === undefined) return undefined;
      const { principal } = token;
      return principal.expiresAt === undefined || now() < principal.expiresAt ? principal : undefined;
    },

    issueMissing(draft, sources) {
      const bare = [...sources].filter((id) => draft.get("source", id) && draft.get("secret", id) === undefined);
      return bare.map((id) => issue(draft, id));
    },
    issueCredential: async (source) =>
      journal.write((draft) => {
        if (draft.get("source", source.id) !== undefined) {
          throw new RegistryError("exists", `credential ${source.id}: expected a new id, came one that is taken`);
        }
        carryOut(draft, { kind: "put-source", source });
        return issue(draft, source.id);
      }),
    rotateCredential: async (sourceId) => journal.write((draft) => issue(draft, sourceId)),
    revokeCredential: async (sourceId) =>
      journal.write((draft) => {
        const known = draft.get("secret", sourceId);
        if (known === undefined) throw unknownSource(sourceId);
        if (known.seal !== undefined) draft.put("secret", sourceId, { issuedAt: known.issuedAt, revokedAt: now() });
      }),
    issueToken: async (request, issuedBy) =>
      journal.write((draft) => {
        const asked = parse(tokenRequestSchema, "token", request);
        if (asked.operator !== everyOperator) requireOperator(draft, asked.operator, `token ${asked.name}`);
        const id = newTokenId();
        const secret = newSecret();
        const principal = { ...asked, id, issuedAt: now(), ...(issuedBy === undefined ? {} : { issuedBy }) };
        const sealed = seal.seal({ purpose: "token", id, secret: Buffer.from(secret) });
        draft.put("token", id, { principal, seal: sealed });
        return { principal, token: formatToken({ id, secret }) };
      }),
    revokeToken: async (id) =>
      journal.write((draft) => {
        if (draft.get("token", id) === undefined) {
          throw new RegistryError("unknown_token", `token ${id}: expected one that was issued and not revoked`);
        }
        draft.remove("token", id);
      }),
  };
}

function unknownSource(id: string): RegistryError {
  return new RegistryError("unknown_source", `credential ${id}: expected one that is registered`);
}

/** 50 random bits: no secret, but unlike every other. */
function newTokenId(): string {
  return toBase32(randomBytes(7)).slice(0, 10);
}
