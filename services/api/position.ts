import { type Observation, parseDatastreamId, type Point, toIso } from "@messnetz/model";
import type { PlannedQuery } from "./plan.ts";
import type { GuardedStore } from "./store-guard.ts";

/** Where a thing that moves was last, and when (ISO 8601, UTC). */
export interface Position {
  readonly location: Point;
  readonly time: string;
}

const axes = ["longitude", "latitude"] as const;
/** Most datastreams are none: they are not taken apart. */
const maybeAxis = /\/l(?:ong|at)itude/;

/** The newest position of every thing of the query that observes its own. `newest`, its answer, serves where it `hasAll` properties. */
export async function positionsOf(
  store: GuardedStore,
  of: { readonly query: PlannedQuery; readonly newest: readonly Observation[]; readonly hasAll: boolean },
): Promise<ReadonlyMap<string, Position>> {
  const all = of.hasAll ? of.newest : await store.observations.latest(of.query.with({ properties: axes }));
  const found = new Map<string, { longitude?: number; latitude?: number; time: number }>();
  for (const { datastream, result, phenomenonTime, quality } of all) {
    if (!maybeAxis.test(datastream)) continue;
    const parsed = parseDatastreamId(datastream);
    const axis = axes.find((one) => one === parsed?.property);
    if (axis === undefined || parsed === undefined || typeof result !== "number" || quality === "bad") continue;
    const place = found.get(parsed.thing) ?? { time: phenomenonTime };
    place[axis] = result;
    place.time = Math.min(place.time, phenomenonTime);
    found.set(parsed.thing, place);
  }
  return new Map(
    [...found].flatMap(([thing, { longitude, latitude, time }]) =>
      longitude === undefined || latitude === undefined
        ? []
        : [[thing, { location: { type: "Point", coordinates: [longitude, latitude] }, time: toIso(time) }] as const],
    ),
  );
}
