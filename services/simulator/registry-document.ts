import type { SimulatedTown } from "./simulated-town.ts";

/** The town as a document for the registry's import: operators, things with their devices, credentials. */
export function registryDocument(town: SimulatedTown): object {
  const devicesOf = Map.groupBy(town.devices, ({ thing }) => thing);
  return {
    operators: town.operators,
    things: town.things.map((thing) => ({
      ...thing,
      devices: (devicesOf.get(thing.id) ?? []).map(({ thing: _, ...device }) => device),
    })),
    credentials: town.sources,
  };
}
