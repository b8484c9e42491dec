import type { Observation, Thing } from "@messnetz/model";
import type { Registry } from "@messnetz/registry";
import { isInBox } from "./area.ts";
import { createKeptBlocks } from "./kept-blocks.ts";
import { isAxis, type Position, positionsOf } from "./position.ts";
import type { PlannedQuery } from "./plan.ts";
import type { Box } from "./request-fields.ts";
import type { GuardedStore } from "./store-guard.ts";

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
  readonly query: PlannedQuery;
  /** Whether the query leaves out no property. */
  readonly hasAll: boolean;
  readonly box: Box | undefined;
}

/**
 * Reads the newest observations of a query and the things that they are of, where these are now; with a box only what is in it, and the
 * observations of that.
 */
export function createNewestReader(store: GuardedStore, registry: Pick<Registry, "thing" | "version">) {
  let version = registry.version;
  let blocksOf = createKeptBlocks((some: readonly Observation[]) => lookUp(registry, some));
  const putAt = createPlacer();

  function known(newest: readonly Observation[]): { readonly things: Thing[]; readonly axes: Observation[] } {
    if (version !== registry.version) {
      version = registry.version;
      blocksOf = createKeptBlocks((some) => lookUp(registry, some));
    }
    const things: Thing[] = [];
    const axes: Observation[] = [];
    for (const block of blocksOf(newest)) {
      // What is of the last thing of one block may go on in the next.
      const isOpen = block.things[0] !== undefined && block.things[0] === things.at(-1);
      things.push(...(isOpen ? block.things.slice(1) : block.things));
      axes.push(...block.axes);
    }
    return { things, axes };
  }

  /** `newest`: what the store gave of the query, by datastream. */
  return async (newest: readonly Observation[], { query, hasAll, box }: Placing): Promise<Newest> => {
    const { things, axes } = known(newest);
    const positions = await positionsOf(store, { query, axes: hasAll ? axes : undefined });
    return placeThings(things, { newest, positions, box, putAt });
  };
}

function placeThings(
  known: readonly Thing[],
  {
    newest,
    positions,
    box,
    putAt,
  }: {
    readonly newest: readonly Observation[];
    readonly positions: ReadonlyMap<string, Position>;
    readonly box: Box | undefined;
    readonly putAt: (thing: Thing, position: Position) => PlacedThing;
  },
): Newest {
  if (positions.size === 0 && box === undefined) return { things: known, observations: newest };
  const things = known.flatMap((one): PlacedThing[] => {
    const position = positions.get(one.id);
    const location = position?.location ?? one.location;
    if (box !== undefined && (location === undefined || !isInBox(location, box))) return [];
    return [position === undefined ? one : putAt(one, position)];
  });
  if (box === undefined) return { things, observations: newest };
  const inside = new Set(things.map(({ id }) => id));
  return { things, observations: newest.filter((one) => inside.has(thingOf(one))) };
}

/** A thing that stayed where it was last is the same object: what was written of it serves again. */
function createPlacer() {
  const placed = new WeakMap<Thing, PlacedThing>();
  return (thing: Thing, { location, time }: Position): PlacedThing => {
    const known = placed.get(thing);
    if (known?.locationTime === time && isSamePoint(known.location, location)) return known;
    const now = { ...thing, location, locationTime: time };
    placed.set(thing, now);
    return now;
  };
}

function isSamePoint(a: Thing["location"], { coordinates }: Position["location"]): boolean {
  return a !== undefined && coordinates.every((one, axis) => one === a.coordinates[axis]);
}

/** The things that the observations are of, each once, as those of one thing stand together; and what tells positions. */
function lookUp(registry: Pick<Registry, "thing">, some: readonly Observation[]) {
  const ids = new Set(some.map(thingOf));
  const things = [...ids].flatMap((id) => registry.thing(id) ?? []);
  return { things, axes: some.filter(isAxis) };
}

export function thingOf({ datastream }: Pick<Observation, "datastream">): string {
  return datastream.slice(0, datastream.indexOf("/"));
}
