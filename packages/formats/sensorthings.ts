import { type Reading, type ReadingTime, type Refusal, refusal } from "@messnetz/model";
import { deviceIdOf } from "./device-word.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { instantOf } from "./instant.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { meaningOfDatastream, type DatastreamMeaning } from "./sensorthings-datastream.ts";

/**
 * Observations of an OGC SensorThings server over MQTT. The device is the Datastream: `sta:Datastreams(42)`, with what stands before `v1.1`
 * in front. What it measures and its unit are told by an expanded Datastream (`$expand`), else by the registry. On `v1.1/Observations` with
 * nothing but a link nobody knows the Datastream: the device is then the topic, for those who know that there is one alone.
 */
export const sensorThings: PayloadFormat = {
  name: "sensorthings",
  revision: 1,
  topics: ["#"],
  specification: "https://docs.ogc.org/is/18-088/18-088.html#mqtt-extension",
  recognises: ({ levels }) => levels.some((level) => versionLevel.test(level)) && entity.test(levels.at(-1) ?? ""),
  decode,
};

const versionLevel = /^v1\.[01]$/u;
const entity =
  /^(?:Observations|Datastreams|MultiDatastreams|Things|Locations|Sensors|ObservedProperties|FeaturesOfInterest|HistoricalLocations)(?:\(.+\))?(?:\?.*)?$/u;
const datastreamLevel = /^(?:Multi)?Datastreams\(.+\)$/u;

function decode(message: Message): Decoded | Refusal {
  const { levels } = message;
  if (!(levels.at(-1) ?? "").startsWith("Observations")) return { skip: "an entity that describes" };
  const payload = message.json();
  if (!isJsonObject(payload)) return malformed(message, "an Observation as a JSON object", payload);
  const expanded = payload["MultiDatastream"] ?? payload["Datastream"];
  const device = deviceOf(message, payload, expanded);
  const { result } = payload;
  if (result === undefined) return { ...refusal("malformed", "an Observation with a `result`", payload), device };
  const when = readTime(payload["phenomenonTime"]) ?? readTime(payload["resultTime"]);
  if (when !== undefined && "code" in when) return { ...when, device };
  const meanings = isJsonObject(expanded) ? meaningOfDatastream(expanded) : [];
  const results: readonly unknown[] = Array.isArray(result) ? result : [result];
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  for (const [at, value] of results.entries()) {
    const name = Array.isArray(result) ? `result.${at}` : "result";
    if (value === null) continue;
    if (isResult(value)) readings.push(toReading({ device, name, value }, meanings[at], when));
    else refusals.push({ ...refusal("invalid_value", "a number, text or flag", value), device, reading: name });
  }
  if (refusals.length > 0) return { readings, refusals };
  return readings.length === 0 ? { skip: "an Observation without a result", device } : { readings };
}

function isResult(value: unknown): value is number | string | boolean {
  return (
    typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))
  );
}

/** From the topic, the entity, or the link to it. */
function deviceOf({ levels }: Message, payload: JsonObject, expanded: unknown): string {
  const version = levels.findIndex((level) => versionLevel.test(level));
  const before = levels.slice(0, version).filter((level) => level !== "");
  const named = levels.find((level) => datastreamLevel.test(level)) ?? idOf(payload, expanded);
  return deviceIdOf("sta", [...before, named ?? levels.slice(version).join("/")].join("/"));
}

const linkEnd = /\/((?:Multi)?Datastreams\([^/]{1,100}\))$/u;

function idOf(payload: JsonObject, expanded: unknown): string | undefined {
  const kind = payload["MultiDatastream"] === undefined ? "Datastreams" : "MultiDatastreams";
  const id = isJsonObject(expanded) ? expanded["@iot.id"] : undefined;
  if (typeof id === "number") return `${kind}(${id})`;
  if (typeof id === "string") return `${kind}('${id}')`;
  const link = payload["Datastream@iot.navigationLink"] ?? payload["MultiDatastream@iot.navigationLink"];
  return typeof link === "string" ? linkEnd.exec(link)?.[1] : undefined;
}

interface When {
  readonly time: ReadingTime;
  readonly intervalMs?: number;
}

/** An instant, or an interval `from/to` (ISO 8601): then its end, and how long it was. */
function readTime(text: unknown): When | Refusal | undefined {
  if (text === undefined || text === null) return undefined;
  const parts = typeof text === "string" ? text.split("/") : [];
  const instants = parts.map(instantOf);
  const [first, last] = instants;
  if (first !== undefined && instants.length === 1) return { time: { instant: first } };
  if (first !== undefined && last !== undefined && instants.length === 2 && last >= first)
    return { time: { instant: last }, ...(last > first && { intervalMs: last - first }) };
  return refusal("invalid_time", "RFC 3339 with a zone, or two of them with `/` between", text);
}

function toReading(
  found: { readonly device: string; readonly name: string; readonly value: number | string | boolean },
  meaning: DatastreamMeaning | undefined,
  when: When | undefined,
): Reading {
  return {
    ...found,
    ...(meaning?.property !== undefined && { property: meaning.property }),
    ...(meaning?.unit !== undefined && typeof found.value === "number" && { unit: meaning.unit }),
    ...when,
  };
}
