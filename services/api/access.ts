import type { Domain, Thing } from "@messnetz/model";
import { everyOperator, hasScope, type Principal, type Registry, type Scope } from "@messnetz/registry";
import { Problem } from "./problem.ts";

/**
 * What is to be done. `see` and `administer` name what it is done to: a thing (also one that is to be written), an operator, or all of
 * the town.
 */
export type Action =
  | { readonly kind: "use"; readonly scope: Scope }
  | { readonly kind: "see-thing"; readonly thing: Thing }
  | { readonly kind: "see-source"; readonly operator: string }
  | { readonly kind: "administer-thing"; readonly thing: Pick<Thing, "operator" | "domain"> }
  | {
      readonly kind: "administer-operator";
      readonly operator: string;
      readonly domains?: readonly Domain[] | undefined;
    };

/**
 * The one place that decides who may do what. Denies what it does not know. Everything else of the API, lists and counts too, asks
 * here or through `plan.ts`.
 */
export function mayDo(principal: Principal, action: Action): boolean {
  switch (action.kind) {
    case "use":
      return hasScope(principal, action.scope);
    case "see-thing":
      return ownsOperator(principal, action.thing.operator) && coversDomain(principal, action.thing.domain);
    case "see-source":
      return ownsOperator(principal, action.operator);
    case "administer-thing":
      return (
        hasScope(principal, "admin") &&
        ownsOperator(principal, action.thing.operator) &&
        coversDomain(principal, action.thing.domain)
      );
    case "administer-operator":
      return (
        hasScope(principal, "admin") &&
        ownsOperator(principal, action.operator) &&
        (principal.domains === undefined ||
          (action.domains !== undefined && action.domains.every((domain) => coversDomain(principal, domain))))
      );
    default:
      return false;
  }
}

export function assertMay(principal: Principal, action: Action): void {
  if (mayDo(principal, action)) return;
  if (action.kind === "use")
    throw new Problem(
      "forbidden",
      `expected a token with the scope ${action.scope}; this one has ${principal.scopes.join(", ")}`,
    );
  throw new Problem(
    "forbidden",
    `expected a token with the scope admin for this operator and domain; this one is for ${describe(principal)}`,
  );
}

/** Whether nothing is hidden from it, things that the registry does not know any more among them. */
export function seesEverything(principal: Principal): boolean {
  return principal.operator === everyOperator && principal.domains === undefined;
}

/** The principal of an `authorization` header with a good token. */
export function findPrincipal(registry: Registry, header: string | undefined): Principal | undefined {
  const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header ?? "")?.[1];
  return token === undefined ? undefined : registry.authorise(token);
}

/** The same. Throws the same problem for no token, a wrong, a revoked and an expired one. */
export function authenticate(registry: Registry, header: string | undefined): Principal {
  const principal = findPrincipal(registry, header);
  if (principal !== undefined) return principal;
  throw new Problem(
    "unauthenticated",
    "expected a header `Authorization: Bearer <token>` with a token that is neither revoked nor expired",
  );
}

function ownsOperator(principal: Principal, operator: string): boolean {
  return principal.operator === everyOperator || principal.operator === operator;
}

function coversDomain(principal: Principal, domain: Domain): boolean {
  return principal.domains === undefined || principal.domains.includes(domain);
}

function describe({ operator, domains, scopes: given }: Principal): string {
  return `operator ${operator}${domains === undefined ? "" : `, domains ${domains.join(", ")}`}, scopes ${given.join(", ")}`;
}
