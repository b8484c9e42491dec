import { type Domain, type Interval, parseDatastreamId, type QuarantineEntry, type Thing } from "@messnetz/model";
import type { Principal, Registry } from "@messnetz/registry";
import type { ObservationKey, ObservationQuery } from "@messnetz/store";
import { mayDo, seesEverything } from "./access.ts";
import { notFound } from "./problem.ts";

/** What a request asks for. What is absent does not restrict. */
export interface ObservationFilter {
  readonly datastreams?: readonly string[] | undefined;
  readonly things?: readonly string[] | undefined;
  readonly properties?: readonly string[] | undefined;
  readonly domains?: readonly Domain[] | undefined;
  readonly tags?: readonly string[] | undefined;
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
 * The one way from a request to a query of the store: it names only things that the principal may see. A datastream or thing that the
 * request names and that is foreign or not there at all is the same `not-found` problem.
 */
export function planObservations({ registry, principal }: Planner, filter: ObservationFilter): ObservationQuery {
  const { datastreams, properties, interval, after, limit } = filter;
  const rest = {
    ...(properties === undefined ? {} : { properties }),
    ...(interval === undefined ? {} : { interval }),
    ...(after === undefined ? {} : { after }),
    ...(limit === undefined ? {} : { limit }),
  };
  const things = planThings({ registry, principal }, filter);
  if (datastreams === undefined) return { ...(things === undefined ? {} : { things: [...things] }), ...rest };
  for (const id of datastreams) {
    const thing = parseDatastreamId(id)?.thing;
    if (thing === undefined || registry.visibleThing(principal, thing) === undefined) throw notFound("a datastream");
  }
  const named = datastreams.filter((id) => things?.has(parseDatastreamId(id)!.thing) ?? true);
  return { datastreams: named, ...rest };
}

/** Ids of the things that the filter means and the principal may see; undefined where nothing restricts them. */
function planThings({ registry, principal }: Planner, filter: ObservationFilter): ReadonlySet<string> | undefined {
  const { things, domains, tags } = filter;
  if (things === undefined && domains === undefined && tags === undefined && seesEverything(principal))
    return undefined;
  const matches = (thing: Thing) =>
    (domains === undefined || domains.includes(thing.domain)) &&
    (tags === undefined || tags.every((tag) => thing.tags?.includes(tag) === true));
  if (things === undefined) {
    const seen = registry.visibleThings(principal, { ...(domains && { domains }), ...(tags && { tags }) });
    return new Set(seen.map(({ id }) => id));
  }
  const named = things.map((id) => {
    const thing = registry.visibleThing(principal, id);
    if (thing === undefined) throw notFound("a thing");
    return thing;
  });
  return new Set(named.filter(matches).map(({ id }) => id));
}

/** Ids of the credentials whose messages the principal may look into; undefined where nothing restricts them. */
export function planSources(
  { registry, principal }: Planner,
  wanted?: readonly string[],
): readonly string[] | undefined {
  const everything = seesEverything(principal);
  if (everything) return wanted;
  const visible = new Set(
    registry
      .credentials()
      .filter(({ source }) => mayDo(principal, { kind: "see-source", operator: source.operator }))
      .map(({ source }) => source.id),
  );
  if (wanted === undefined) return [...visible];
  for (const id of wanted) if (!visible.has(id)) throw notFound("a credential");
  return wanted;
}

/**
 * Whether the principal may see what a device sent: of the ledger and the quarantine, whose credential it may see already. A token of
 * some domains sees only devices that are known to be of these.
 */
export function seesDevice({ registry, principal }: Planner, device: string): boolean {
  if (principal.domains === undefined) return true;
  const thing = registry.device(device)?.thing;
  return thing !== undefined && mayDo(principal, { kind: "see-thing", thing });
}

export function seesQuarantined(planner: Planner, entry: QuarantineEntry): boolean {
  const sources = planSources(planner);
  return (sources === undefined || sources.includes(entry.source)) && seesDevice(planner, entry.device);
}
