import { type Thing } from "@messnetz/model";
import { everyOperator, type Principal, type Scope, type ThingQuery } from "./port.ts";

/** The things that the query asks for, out of things ascending by id. */
export function selectThings(sorted: readonly Thing[], query: ThingQuery): readonly Thing[] {
  const { operators, domains, tags, box, limit = Number.POSITIVE_INFINITY } = query;
  const found: Thing[] = [];
  for (
    let at = query.after === undefined ? 0 : firstAfter(sorted, query.after);
    at < sorted.length && found.length < limit;
    at++
  ) {
    const thing = sorted[at]!;
    if (operators !== undefined && !operators.includes(thing.operator)) continue;
    if (domains !== undefined && !domains.includes(thing.domain)) continue;
    if (tags !== undefined && !tags.every((tag) => thing.tags?.includes(tag) === true)) continue;
    if (box !== undefined && !isInside(thing, box)) continue;
    found.push(thing);
  }
  return found;
}

function firstAfter(sorted: readonly Thing[], id: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]!.id <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isInside(thing: Thing, [west, south, east, north]: NonNullable<ThingQuery["box"]>): boolean {
  if (thing.location === undefined) return false;
  const [longitude, latitude] = thing.location.coordinates;
  if (latitude < south || latitude > north) return false;
  return west <= east ? longitude >= west && longitude <= east : longitude >= west || longitude <= east;
}

/** Whether it is of its operator and domains. `narrow` says the same of a query. */
export function isVisible(principal: Principal, thing: Pick<Thing, "operator" | "domain">): boolean {
  return (
    (principal.operator === everyOperator || principal.operator === thing.operator) &&
    (principal.domains === undefined || principal.domains.includes(thing.domain))
  );
}

/** The query, narrowed to what the principal may see. */
export function narrow(principal: Principal, query: ThingQuery): ThingQuery {
  const { operator, domains } = principal;
  const operators = query.operators?.filter((id) => operator === everyOperator || id === operator);
  const seen =
    domains === undefined ? query.domains : (query.domains ?? domains).filter((domain) => domains.includes(domain));
  return {
    ...query,
    ...(operators === undefined ? (operator === everyOperator ? {} : { operators: [operator] }) : { operators }),
    ...(seen === undefined ? {} : { domains: seen }),
  };
}

/** Whether the principal may do it; `admin` may do everything. */
export function hasScope(principal: Principal, scope: Scope): boolean {
  return principal.scopes.includes(scope) || principal.scopes.includes("admin");
}
