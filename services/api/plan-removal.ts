import { type Interval, parseDatastreamId } from "@messnetz/model";
import type { ErasureRequest, QuarantineRemoval } from "@messnetz/store";
import { mayDo, seesEverything } from "./access.ts";
import type { Planner } from "./plan.ts";
import { planSources, sourcesOf } from "./plan-sources.ts";
import { notFound, Problem } from "./problem.ts";

/** What is to be erased. What is absent does not restrict; what is given must all hold. */
export interface RemovalFilter {
  readonly datastreams?: readonly string[] | undefined;
  readonly things?: readonly string[] | undefined;
  readonly properties?: readonly string[] | undefined;
  /** Half-open. */
  readonly interval?: Interval | undefined;
}

/** An erasure of what its principal may erase. Like a plan of observations, it is made here alone, and the store erases nothing else. */
class RemovalPlan {
  readonly #request: ErasureRequest;

  constructor(request: ErasureRequest) {
    this.#request = request;
  }

  /** Throws a TypeError for what is no plan. */
  static removalOf(plan: RemovalPlan): ErasureRequest {
    return plan.#request;
  }
}
export type PlannedRemoval = RemovalPlan;
export const { removalOf } = RemovalPlan;

/**
 * Things that were removed from the registry stay their operator's, and can be erased by it. A thing that is foreign or not there is the same
 * `not-found` problem; of an id that the registry never knew there may be observations, which only who sees everything may erase.
 */
export function planRemoval(planner: Planner, filter: RemovalFilter): PlannedRemoval {
  const { datastreams, things, properties, interval } = filter;
  if (datastreams === undefined && things === undefined && properties === undefined)
    throw new Problem(
      "invalid-request",
      "expected things, datastreams or properties; a span alone would be everything",
    );
  for (const id of things ?? []) if (!mayErase(planner, id)) throw notFound("a thing");
  for (const id of datastreams ?? [])
    if (!mayErase(planner, parseDatastreamId(id)?.thing ?? "")) throw notFound("a datastream");
  const ofThings = things ?? (datastreams === undefined ? allThings(planner) : undefined);
  const span = interval === undefined ? {} : { interval };
  return new RemovalPlan({
    observations: {
      ...(datastreams && { datastreams }),
      ...(ofThings && { things: ofThings }),
      ...(properties && { properties }),
      ...span,
    },
    quarantine:
      things === undefined || datastreams !== undefined || properties !== undefined
        ? {}
        : { ...quarantineOf(planner, things), ...span },
  });
}

function mayErase({ registry, principal }: Planner, id: string): boolean {
  const thing = registry.thing(id) ?? registry.tombstone(id);
  return thing === undefined
    ? mayDo(principal, { kind: "administer-town" })
    : mayDo(principal, { kind: "administer-thing", thing });
}

/** Undefined where nothing is hidden. */
function allThings({ registry, principal }: Planner): readonly string[] | undefined {
  if (seesEverything(principal)) return undefined;
  return registry.visibleThings(principal, {}).map(({ id }) => id);
}

/** Messages of the devices of the things, as far as they came by credentials that the principal may look into. */
function quarantineOf(planner: Planner, things: readonly string[]): QuarantineRemoval {
  const devices = planner.registry.devices({ things }).map(({ id }) => id);
  return { devices, ...sourcesOf(planSources(planner)) };
}
