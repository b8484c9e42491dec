import { type DatastreamSettings, type Device, isTimeZone, parseDatastreamId, type Thing } from "@messnetz/model";
import { checkDevice, type DeviceKnowledge, expectedTimeZone } from "./device-check.ts";
import { normaliseDeviceId } from "./device-id.ts";
import { type ImportEntry, type ImportMistake, quote } from "./import-entry.ts";
import type { Registry } from "./port.ts";
import { isTopicFilter } from "./topic-filter.ts";

export interface CheckContext extends DeviceKnowledge {
  readonly registry: Registry;
  /** The only operator that the import may touch; absent: any. */
  readonly operator: string | undefined;
}

/** What entries that have the right shape say wrong: of each other, of the registry, of the catalogue. */
export function checkEntries(entries: readonly ImportEntry[], context: CheckContext): readonly ImportMistake[] {
  const { registry, operator } = context;
  const firstLines = new Map<string, number>();
  const operators = new Set(registry.operators().map(({ id }) => id));
  const things = new Map<string, Thing>();
  for (const { change } of entries) {
    if (change.kind === "put-operator") operators.add(change.operator.id);
    if (change.kind === "put-thing") things.set(change.thing.id, change.thing);
  }
  const isForeign = (owner: string | undefined): boolean =>
    operator !== undefined && owner !== undefined && owner !== operator;
  const findThing = (id: string): Thing | undefined => things.get(id) ?? registry.thing(id);

  function ownerMistakes(owner: string, known: string | undefined): readonly string[] {
    if (isForeign(owner)) return [`operator: expected ${operator!}, whose import it is, came ${quote(owner)}`];
    if (isForeign(known)) return ["id: expected one that is free, came one that is taken"];
    return operators.has(owner)
      ? []
      : [`operator: expected one that is registered or in this file, came ${quote(owner)}`];
  }

  function thingMistakes({ id, operator: owner }: Thing): readonly string[] {
    const former = registry.tombstone(id)?.operator;
    const mistakes = ownerMistakes(owner, registry.thing(id)?.operator ?? former);
    if (mistakes.length > 0 || former === undefined || former === owner) return mistakes;
    return [`operator: expected ${former}, whose thing of this id was removed, came ${quote(owner)}`];
  }

  function deviceMistakes(device: Device): readonly string[] {
    const thing = findThing(device.thing);
    const known = registry.device(device.id)?.thing.operator;
    return [
      ...(thing === undefined || isForeign(thing.operator)
        ? [`thing: expected one that is registered or in this file, came ${quote(device.thing)}`]
        : []),
      ...(isForeign(known) ? ["id: expected one that is free, came one that is taken"] : []),
      ...checkDevice(device, context).map(
        ({ path: [place, word], expected, came }) =>
          `${word === undefined ? place! : `field ${quote(word)}`}: expected ${expected}, came ${quote(came)}`,
      ),
    ];
  }

  function datastreamMistakes({ id }: DatastreamSettings): readonly string[] {
    const { thing: name, property } = parseDatastreamId(id)!;
    const thing = findThing(name);
    return [
      ...(thing === undefined || isForeign(thing.operator)
        ? [`id: expected a thing that is registered or in this file, came ${quote(name)}`]
        : []),
      ...(context.catalogue.has(property)
        ? []
        : [`id: expected an observed property of the catalogue, came ${quote(property)}`]),
    ];
  }

  function wrong({ change }: ImportEntry): readonly string[] {
    if (change.kind === "put-thing") return thingMistakes(change.thing);
    if (change.kind === "put-device") return deviceMistakes(change.device);
    if (change.kind === "put-datastream") return datastreamMistakes(change.datastream);
    if (change.kind === "put-source") {
      const { id, operator: owner, timeZone, topics } = change.source;
      const filters = topics.filter((topic) => !isTopicFilter(topic));
      return [
        ...ownerMistakes(owner, registry.source(id)?.operator),
        ...zoneMistakes(timeZone),
        ...filters.map((topic) => `topics: expected an MQTT topic filter, came ${quote(topic)}`),
      ];
    }
    const { id } = change.operator;
    return isForeign(id) ? [`expected ${operator!}, whose import it is, came ${quote(id)}`] : [];
  }

  return entries.flatMap((entry) => {
    const name = nameOf(entry);
    const first = firstLines.get(name);
    firstLines.set(name, first ?? entry.line);
    const twice = first === undefined ? [] : [`expected once, came in line ${first} too`];
    return [...twice, ...wrong(entry)].map((message) => ({ line: entry.line, message: `${name}: ${message}` }));
  });
}

/** `thing gauge-1`: unlike every other entry's. */
function nameOf({ change }: ImportEntry): string {
  if (change.kind === "put-thing") return `thing ${change.thing.id}`;
  if (change.kind === "put-device") return `device ${normaliseDeviceId(change.device.id)}`;
  if (change.kind === "put-datastream") return `datastream ${change.datastream.id}`;
  return change.kind === "put-source" ? `credential ${change.source.id}` : `operator ${change.operator.id}`;
}

function zoneMistakes(timeZone: string | undefined): readonly string[] {
  if (timeZone === undefined || isTimeZone(timeZone)) return [];
  return [`timeZone: expected ${expectedTimeZone}, came ${quote(timeZone)}`];
}
