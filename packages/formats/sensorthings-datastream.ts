import { catalogue, conversion, ucumFromAlias } from "@messnetz/model";
import { isJsonObject, type JsonObject } from "./json-object.ts";

export interface DatastreamMeaning {
  readonly property: string | undefined;
  /** UCUM. */
  readonly unit: string | undefined;
}

/** What an expanded Datastream says of its results; of a MultiDatastream, of each in their order. */
export function meaningOfDatastream(datastream: JsonObject): readonly DatastreamMeaning[] {
  const units = datastream["unitOfMeasurements"] ?? [datastream["unitOfMeasurement"]];
  const properties = datastream["ObservedProperties"] ?? [datastream["ObservedProperty"]];
  if (!Array.isArray(units)) return [];
  return units.map((unit: unknown, at) => ({
    unit: unitOf(unit),
    property: Array.isArray(properties) ? propertyOf(properties[at]) : undefined,
  }));
}

/** `http://unitsofmeasure.org/ucum.html#para-30`, `ucum:Cel`, `https://ucum.org/ucum#Cel`. */
const ucumDefinition = /ucum(?:\.org\/[^#]*#|:|\/)([^#\s]{1,30})$/iu;
const maxUnitLength = 30;

function unitOf(unit: unknown): string | undefined {
  if (!isJsonObject(unit)) return undefined;
  const { symbol, definition } = unit;
  const told = typeof definition === "string" ? ucumDefinition.exec(definition)?.[1] : undefined;
  for (const text of [told, symbol]) {
    if (typeof text !== "string" || text === "" || text.length > maxUnitLength) continue;
    const code = ucumFromAlias(text) ?? text;
    if (conversion(code, code) !== undefined) return code;
  }
  // What is no unit that we know is told as it stands: the refusal names it.
  return typeof symbol === "string" && symbol !== "" && symbol.length <= maxUnitLength ? symbol : undefined;
}

/** The name, or the last part of the definition, where it is a key of the catalogue: `Air Temperature`, `.../property/air_temperature`. */
function propertyOf(property: unknown): string | undefined {
  if (!isJsonObject(property)) return undefined;
  const { name, definition } = property;
  const last = typeof definition === "string" ? definition.slice(0, maxDefinition).split(/[/#]/u).at(-1) : undefined;
  for (const text of [last, name]) {
    if (typeof text !== "string" || text.length > maxDefinition) continue;
    const key = text
      .replaceAll(/([a-z])([A-Z])/gu, "$1_$2")
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/gu, "_");
    if (catalogue.has(key)) return key;
  }
  return undefined;
}

const maxDefinition = 300;
