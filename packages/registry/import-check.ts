import { type Catalogue, conversion, type Device, isChannel, parseUnit, type Thing } from "@messnetz/model";
import { normaliseDeviceId } from "./device-id.ts";
import { type ImportEntry, type ImportMistake, quote } from "./import-entry.ts";
import type { Registry } from "./port.ts";
import { isTopicFilter } from "./topic-filter.ts";

export interface CheckContext {
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  /** Names of the device profiles; absent: they are not looked at. */
  readonly profiles: ReadonlySet<string> | undefined;
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
      ...zoneMistakes(device.timeZone),
      ...(device.profile === undefined || context.profiles?.has(device.profile) !== false
        ? []
        : [`profile: expected the name of a device profile, came ${quote(device.profile)}`]),
      ...fieldMistakes(device, context.catalogue),
    ];
  }

  function wrong({ change }: ImportEntry): readonly string[] {
    if (change.kind === "put-thing") return thingMistakes(change.thing);
    if (change.kind === "put-device") return deviceMistakes(change.device);
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
  return change.kind === "put-source" ? `credential ${change.source.id}` : `operator ${change.operator.id}`;
}

function fieldMistakes({ fields = {} }: Device, catalogue: Catalogue): readonly string[] {
  const mistakes: string[] = [];
  for (const [word, { property, channel, unit }] of Object.entries(fields)) {
    const observed = catalogue.get(property);
    const wrong = (message: string): void => void mistakes.push(`field ${quote(word)}: ${message}`);
    if (observed === undefined) wrong(`expected an observed property of the catalogue, came ${quote(property)}`);
    if (channel !== undefined && !isChannel(channel))
      wrong(`expected a channel of A-Z a-z 0-9 _ -, came ${quote(channel)}`);
    if (unit !== undefined) unitMistakes(unit, observed?.unit).forEach(wrong);
  }
  return mistakes;
}

function unitMistakes(unit: string, canonical: string | undefined): readonly string[] {
  if (parseUnit(unit) === undefined) return [`expected a UCUM unit such as ${canonical ?? "m"}, came ${quote(unit)}`];
  if (canonical === undefined || conversion(unit, canonical) !== undefined) return [];
  return [`expected a unit that becomes ${canonical}, came ${quote(unit)}`];
}

function zoneMistakes(timeZone: string | undefined): readonly string[] {
  if (timeZone === undefined || isTimeZone(timeZone)) return [];
  return [`timeZone: expected an IANA zone such as Europe/Berlin, came ${quote(timeZone)}`];
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
