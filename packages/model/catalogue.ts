import { air } from "./catalogue/air.ts";
import { device } from "./catalogue/device.ts";
import { electricity } from "./catalogue/electricity.ts";
import { generic } from "./catalogue/generic.ts";
import { heatAndGas } from "./catalogue/heat-and-gas.ts";
import { parkingAndPeople } from "./catalogue/parking-and-people.ts";
import { position } from "./catalogue/position.ts";
import { roadSurface } from "./catalogue/road-surface.ts";
import { storage } from "./catalogue/storage.ts";
import { traffic } from "./catalogue/traffic.ts";
import { transit } from "./catalogue/transit.ts";
import { waste } from "./catalogue/waste.ts";
import { wastewater } from "./catalogue/wastewater.ts";
import { water } from "./catalogue/water.ts";
import { waterQuality } from "./catalogue/water-quality.ts";
import { weather } from "./catalogue/weather.ts";
import type { Catalogue, ObservedProperty } from "./property.ts";
import { parseUnit } from "./unit.ts";

/** Everything that Messnetz knows to measure, domain by domain. */
export const observedProperties: readonly ObservedProperty[] = [
  ...device,
  ...generic,
  ...traffic,
  ...parkingAndPeople,
  ...roadSurface,
  ...position,
  ...transit,
  ...water,
  ...waterQuality,
  ...wastewater,
  ...electricity,
  ...heatAndGas,
  ...storage,
  ...waste,
  ...weather,
  ...air,
];

/** A mistake in the catalogue: a bug of whoever wrote the property, found at start. */
export class CatalogueError extends Error {
  override readonly name = "CatalogueError";
}

/** By key. Throws a `CatalogueError` for a key that is there twice, a unit that is not known, a range without width. */
export function createCatalogue(list: readonly ObservedProperty[]): Catalogue {
  const catalogue = new Map<string, ObservedProperty>();
  const knownUnits = new Set<string>();
  for (const property of list) {
    const { key, unit, range } = property;
    if (catalogue.has(key)) throw new CatalogueError(`property ${key}: expected once in the catalogue, came twice`);
    if (!knownUnits.has(unit) && parseUnit(unit) === undefined) {
      throw new CatalogueError(`property ${key}: expected a UCUM unit of unit-table.ts, came ${JSON.stringify(unit)}`);
    }
    if (range !== undefined && !(range.min < range.max)) {
      throw new CatalogueError(`property ${key}: expected a range with min < max, came ${range.min} to ${range.max}`);
    }
    knownUnits.add(unit);
    catalogue.set(key, property);
  }
  return catalogue;
}

const everything = new Map(createCatalogue(observedProperties));

/** Everything that this process knows to measure. It grows by a town's own properties, and nothing ever leaves it. */
export const catalogue: Catalogue = everything;

/** For `learnProperties`, which says what may be added. */
export function addToCatalogue(properties: readonly ObservedProperty[]): void {
  for (const property of properties) everything.set(property.key, property);
}
