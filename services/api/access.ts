import type { Domain, Thing } from "@messnetz/model";
import { everyOperator, hasScope, isVisible, type Principal, type Registry, type Scope } from "@messnetz/registry";
import { Problem } from "./problem.ts";

/**
 * What is to be done. `see` and `administer` name what it is done to: a thing (also one that is to be written), an operator, or all of
 * the town.
 */
export type Action =
  /** A route. `openTo`: also whoever has no token may use it. */
  | { readonly kind: "use"; readonly scope: Scope; readonly openTo?: "public" | undefined }
  /** A datastream of the thing. `isOpen`: its operator has made it public. */
  | { readonly kind: "read-datastream"; readonly thing: Thing; readonly isOpen: boolean }
  | { readonly kind: "see-thing"; readonly thing: Thing }
  | { readonly kind: "see-source"; readonly operator: string }
  | { readonly kind: "administer-thing"; readonly thing: Pick<Thing, "operator" | "domain"> }
  | {
      readonly kind: "administer-operator";
      readonly operator: string;
      readonly domains?: readonly Domain[] | undefined;
    }
  | { readonly kind: "administer-town" };

/**
 * Who comes without a token. No operator has this name, so nothing is its own, and it has no scope: it gets what an operator made public, of
 * routes that are open to it.
 */
export const publicPrincipal: Principal = { id: "public", name: "public", operator: "", scopes: [], issuedAt: 0 };

export function isPublic(principal: Principal): boolean {
  return principal === publicPrincipal;
}

/**
 * The one place that decides who may do what. Denies what it does not know. Everything else of the API, lists and counts too, asks
 * here or through `plan.ts`.
 */
export function mayDo(principal: Principal, action: Action): boolean {
  switch (action.kind) {
    case "use":
      return hasScope(principal, action.scope) || (isPublic(principal) && action.openTo === "public");
    case "read-datastream":
      return action.isOpen || isVisible(principal, action.thing);
    case "see-thing":
      return isVisible(principal, action.thing);
    case "see-source":
      return ownsOperator(principal, action.operator);
    case "administer-thing":
      return hasScope(principal, "admin") && isVisible(principal, action.thing);
    case "administer-operator":
      return (
        hasScope(principal, "admin") &&
        ownsOperator(principal, action.operator) &&
        (principal.domains === undefined ||
          (action.domains !== undefined && action.domains.every((domain) => principal.domains!.includes(domain))))
      );
    case "administer-town":
      return hasScope(principal, "admin") && seesEverything(principal);
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
  if (action.kind === "administer-town")
    throw new Problem("forbidden", "expected an admin token of all operators and domains");
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

/** The same for no token, a wrong, a revoked and an expired one. */
export function unauthenticated(): Problem {
  return new Problem(
    "unauthenticated",
    "expected a header `Authorization: Bearer <token>` with a token that is neither revoked nor expired",
  );
}

function ownsOperator(principal: Principal, operator: string): boolean {
  return principal.operator === everyOperator || principal.operator === operator;
}

function describe({ operator, domains, scopes: given }: Principal): string {
  return `operator ${operator}${domains === undefined ? "" : `, domains ${domains.join(", ")}`}, scopes ${given.join(", ")}`;
}
