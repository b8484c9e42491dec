import type { Observation, Thing } from "@messnetz/model";
import type { Registry } from "@messnetz/registry";
import { isInBox } from "./area.ts";
import type { Position } from "./position.ts";
import type { Box } from "./request-fields.ts";

/** A thing at its newest position. */
export interface PlacedThing extends Thing {
  /** Of a moving thing: when it was there. ISO 8601, UTC. */
  readonly locationTime?: string;
}

export interface Newest {
  readonly things: readonly PlacedThing[];
  /** By datastream. */
  readonly observations: readonly Observation[];
}

interface Placing {
  /** By datastream. */
  readonly newest: readonly Observation[];
  readonly positions: ReadonlyMap<string, Position>;
  readonly box: Box | undefined;
}

/** The things that the observations are of, where they are now; with a box only what is in it, and the observations of that. */
export function placeThings(registry: Pick<Registry, "thing">, { newest, positions, box }: Placing): Newest {
  const things = thingsOf(registry, newest).flatMap((one): PlacedThing[] => {
    const position = positions.get(one.id);
    const location = position?.location ?? one.location;
    if (box !== undefined && (location === undefined || !isInBox(location, box))) return [];
    return [position === undefined ? one : { ...one, location: position.location, locationTime: position.time }];
  });
  if (box === undefined) return { things, observations: newest };
  const inside = new Set(things.map(({ id }) => id));
  return { things, observations: newest.filter((one) => inside.has(thingOf(one))) };
}

/** Ids, each once: observations come by datastream, so those of one thing stand together. */
function thingsOf(registry: Pick<Registry, "thing">, newest: readonly Observation[]): readonly Thing[] {
  const ids: string[] = [];
  let prefix = "/";
  for (const observation of newest) {
    if (observation.datastream.startsWith(prefix)) continue;
    const id = thingOf(observation);
    ids.push(id);
    prefix = `${id}/`;
  }
  return ids.flatMap((id) => registry.thing(id) ?? []);
}

export function thingOf({ datastream }: Pick<Observation, "datastream">): string {
  return datastream.slice(0, datastream.indexOf("/"));
}
