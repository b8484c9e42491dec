import { type Domain, type Interval, parseDatastreamId, type Thing } from "@messnetz/model";
import type { Principal, Registry } from "@messnetz/registry";
import type { ObservationKey, ObservationQuery } from "@messnetz/store";
import { isPublic, mayDo, seesEverything } from "./access.ts";
import { isInBox, isInPolygon, type Polygon } from "./area.ts";
import { notFound } from "./problem.ts";
import type { Box } from "./request-fields.ts";

/** What a request asks for. What is absent does not restrict; what is given must all hold. */
export interface ObservationFilter extends Page {
  readonly datastreams?: readonly string[] | undefined;
  readonly things?: readonly string[] | undefined;
  readonly domains?: readonly Domain[] | undefined;
  readonly operators?: readonly string[] | undefined;
  /** Of things that have each of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** By the place that the registry knows: leaves out things that move. */
  readonly box?: Box | undefined;
  readonly polygon?: Polygon | undefined;
}

/** What of a plan is no right: a part of what it names. */
export interface Page {
  readonly properties?: readonly string[] | undefined;
  readonly interval?: Interval | undefined;
  readonly after?: ObservationKey | undefined;
  readonly limit?: number | undefined;
}

/** What the planner turns requests with: who asks, and what there is. */
export interface Planner {
  readonly registry: Registry;
  readonly principal: Principal;
}

/**
 * A query of observations that names only what its principal may read. The class does not leave this file: nobody else makes one, and a copy of
 * its members is none. The store answers nothing else.
 */
class Plan {
  readonly #query: ObservationQuery;

  constructor(query: ObservationQuery) {
    this.#query = query;
  }

  /** The query for the store. Throws a TypeError for what is no plan, whatever its type says. */
  static queryOf(plan: Plan): ObservationQuery {
    return plan.#query;
  }

  /** The same things and datastreams; what is given takes the place of what was planned, what is absent stays. */
  with(page: Page): Plan {
    return new Plan({ ...this.#query, ...pageOf(page) });
  }

  /**
   * The same question for some of the datastreams that it has answers about: those of things that were removed from the registry too, which no
   * request can name. What it does not mean is left out.
   */
  only(datastreams: readonly string[]): Plan {
    const { datastreams: own, things, ...rest } = this.#query;
    const meant = own && new Set(own);
    const ofThings = things && new Set(things);
    const kept = datastreams.filter((id) => (meant?.has(id) ?? true) && (ofThings?.has(thingOf(id)) ?? true));
    return new Plan({ ...rest, datastreams: kept });
  }
}
export type PlannedQuery = Plan;
export const queryOf = Plan.queryOf;

/**
 * The one way from a request to a query of the store. A token gets what is of its operator and domains, and public datastreams that it names;
 * whoever has none gets what is public. A datastream or thing that the request names and that is foreign or not there at all is the same
 * `not-found` problem.
 */
export function planObservations(planner: Planner, filter: ObservationFilter): PlannedQuery {
  const things = namedThings(planner, filter.things);
  const isMeant = (thing: Thing) => (things?.has(thing.id) ?? true) && fits(thing, filter);
  const { registry, principal } = planner;
  if (filter.datastreams !== undefined) {
    const named = filter.datastreams.filter((id) => isMeant(readableThing(planner, id)));
    return new Plan({ datastreams: named, ...pageOf(filter) });
  }
  if (isPublic(principal)) {
    const open = registry.publicDatastreams().filter(({ id }) => {
      const thing = registry.thing(thingOf(id));
      return thing !== undefined && isMeant(thing);
    });
    return new Plan({ datastreams: open.map(({ id }) => id), ...pageOf(filter) });
  }
  if (things === undefined && isUnrestricted(filter) && seesEverything(principal)) return new Plan(pageOf(filter));
  const { domains, operators, tags, box } = filter;
  const seen =
    things === undefined
      ? registry.visibleThings(principal, {
          ...(domains && { domains }),
          ...(operators && { operators }),
          ...(tags && { tags }),
          ...(box && { box }),
        })
      : [...things.values()];
  return new Plan({ things: seen.filter(isMeant).map(({ id }) => id), ...pageOf(filter) });
}

/** The thing of a datastream that the principal may read. */
function readableThing({ registry, principal }: Planner, id: string): Thing {
  const thing = registry.thing(thingOf(id));
  const isOpen = registry.datastream(id)?.public === true;
  if (thing === undefined || !mayDo(principal, { kind: "read-datastream", thing, isOpen }))
    throw notFound("a datastream");
  return thing;
}

/** Those of which the principal may read something. */
function namedThings(
  { registry, principal }: Planner,
  ids: readonly string[] | undefined,
): ReadonlyMap<string, Thing> | undefined {
  if (ids === undefined) return undefined;
  const open = isPublic(principal)
    ? new Set(registry.publicDatastreams().map(({ id }) => thingOf(id)))
    : new Set<string>();
  const named = ids.map((id) => {
    const thing = registry.thing(id);
    if (thing === undefined || !mayDo(principal, { kind: "read-datastream", thing, isOpen: open.has(id) }))
      throw notFound("a thing");
    return [id, thing] as const;
  });
  return new Map(named);
}

function isUnrestricted({ domains, operators, tags, box, polygon }: ObservationFilter): boolean {
  return [domains, operators, tags, box, polygon].every((one) => one === undefined);
}

function fits(thing: Thing, { domains, operators, tags, box, polygon }: ObservationFilter): boolean {
  return (
    (domains === undefined || domains.includes(thing.domain)) &&
    (operators === undefined || operators.includes(thing.operator)) &&
    (tags === undefined || tags.every((tag) => thing.tags?.includes(tag) === true)) &&
    (box === undefined || (thing.location !== undefined && isInBox(thing.location, box))) &&
    (polygon === undefined || (thing.location !== undefined && isInPolygon(thing.location, polygon)))
  );
}

function pageOf({ properties, interval, after, limit }: Page) {
  return {
    ...(properties === undefined ? {} : { properties }),
    ...(interval === undefined ? {} : { interval }),
    ...(after === undefined ? {} : { after }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function thingOf(datastream: string): string {
  return parseDatastreamId(datastream)?.thing ?? "";
}
