import { type Observation, parseDatastreamId, type Point, toIso } from "@messnetz/model";
import type { PlannedQuery } from "./plan.ts";
import type { GuardedStore } from "./store-guard.ts";

/** Where a thing that moves was last, and when (ISO 8601, UTC). */
export interface Position {
  readonly location: Point;
  readonly time: string;
}

const axes = ["longitude", "latitude"] as const;

/** Whether the observation may tell a position: most tell none, and are not taken apart. */
export function isAxis({ datastream }: Pick<Observation, "datastream">): boolean {
  return /\/l(?:ong|at)itude/.test(datastream);
}

/** The newest position of every thing of the query that observes its own. `axes`: what of its answer may tell one; absent: these are read. */
export async function positionsOf(
  store: GuardedStore,
  of: { readonly query: PlannedQuery; readonly axes: readonly Observation[] | undefined },
): Promise<ReadonlyMap<string, Position>> {
  const all = of.axes ?? (await store.observations.latest(of.query.with({ properties: axes })));
  const found = new Map<string, { longitude?: number; latitude?: number; time: number }>();
  for (const { datastream, result, phenomenonTime, quality } of all) {
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
