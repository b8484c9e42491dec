import {
  type AdoptionRule,
  type Catalogue,
  conversion,
  datastreamId,
  type DeviceAndThing,
  type Directory,
  isChannel,
  type ObservedProperty,
  type Reading,
  type Refusal,
  refusal,
  type Source,
} from "@messnetz/model";
import { type Plausibility, plausibility } from "./plausibility.ts";
import { adoptedThing } from "./adopt.ts";

/** Everything about a reading that does not depend on its value and time, worked out once. */
export interface Lane {
  readonly unit: string | undefined;
  readonly channel: string | undefined;
  readonly property: string | undefined;
  readonly outcome: Route | Refusal;
}

export interface Route {
  readonly datastream: string;
  readonly observed: ObservedProperty;
  /** From the reading's unit to the canonical one; absent where they are the same. */
  readonly convert: ((value: number) => number) | undefined;
  readonly plausibility: Plausibility | undefined;
  readonly timeZone: string | undefined;
}

/** A device of a source and the lanes of its words. */
export interface DeviceLanes {
  /** The datastreams that it has had since the directory changed. */
  readonly datastreams: Set<string>;
  readonly found: DeviceAndThing | Refusal;
  /** The thing was made by an adoption rule and is not in the registry yet. */
  readonly isAdopted: boolean;
  readonly byName: Map<string, Lane[]>;
}

const maxDevices = 200_000;
const maxNamesPerDevice = 1_000;
const maxLanesPerName = 100;
/** Longer words are worked out each time, so that nobody fills the memory. */
const maxRememberedLength = 128;
/** A logger of hundreds of channels has its place; a device that invents a channel a message must not fill memory and disk. */
const maxDatastreamsPerDevice = 2_000;
/** The longest unit that anybody writes; UCUM codes of the catalogue have 14 characters at most. */
const maxUnitLength = 64;

/** Finds device and lane of a reading; remembers both until the directory changes. */
export function createLanes(catalogue: Catalogue, directory: Directory) {
  let version = directory.version;
  const bySource = new Map<string, Map<string, DeviceLanes>>();
  let devices = 0;

  function deviceLanes(source: Source, format: string, id: string): DeviceLanes {
    if (directory.version !== version || devices >= maxDevices) {
      bySource.clear();
      devices = 0;
      version = directory.version;
    }
    let known = bySource.get(source.id);
    if (known === undefined) {
      known = new Map();
      bySource.set(source.id, known);
    }
    let lanes = known.get(id);
    if (lanes === undefined) {
      lanes = findDevice(directory, source, { format, id });
      // What is not registered is not remembered: random ids must not fill the memory, and the registry may learn of it.
      if (!("code" in lanes.found) && !lanes.isAdopted) {
        known.set(id, lanes);
        devices++;
      }
    }
    return lanes;
  }

  /** The device must have been found. */
  function lane(of: DeviceLanes, reading: Reading, source: Source): Lane {
    const { name, unit, channel } = reading;
    if (name.length > maxRememberedLength || isLong(unit) || isLong(channel)) return makeLane(of, reading, source);
    let list = of.byName.get(name);
    if (list === undefined || list.length >= maxLanesPerName) {
      if (of.byName.size >= maxNamesPerDevice) of.byName.clear();
      list = [];
      of.byName.set(name, list);
    }
    for (const known of list) {
      if (known.unit === unit && known.channel === channel && known.property === reading.property) return known;
    }
    const made = makeLane(of, reading, source);
    list.push(made);
    return made;
  }

  function makeLane(of: DeviceLanes, reading: Reading, source: Source): Lane {
    const { unit, channel, property } = reading;
    const outcome = "code" in of.found ? of.found : findRoute(catalogue, of.found, { reading, source });
    if ("code" in outcome) return { unit, channel, property, outcome };
    const isNew = !of.datastreams.has(outcome.datastream);
    if (isNew && of.datastreams.size >= maxDatastreamsPerDevice) {
      const expected = `at most ${maxDatastreamsPerDevice} datastreams of one device`;
      return { unit, channel, property, outcome: refusal("malformed", expected, outcome.datastream) };
    }
    of.datastreams.add(outcome.datastream);
    return { unit, channel, property, outcome };
  }

  return { deviceLanes, lane };
}

/** A device or thing of another operator is refused as one that is not there: whose ids there are is not the credential's to know. */
function findDevice(directory: Directory, source: Source, asked: { format: string; id: string }): DeviceLanes {
  const made = (found: DeviceAndThing | Refusal, isAdopted: boolean): DeviceLanes => ({
    found,
    isAdopted,
    datastreams: new Set(),
    byName: new Map(),
  });
  if (source.devices !== undefined && !source.devices.some((pattern) => matchesDevice(pattern, asked.id))) {
    return made(refusal("foreign_device", `a device that credential ${source.id} may speak for`, asked.id), false);
  }
  const known = directory.device(asked.id);
  if (known !== undefined)
    return made(known.thing.operator === source.operator ? known : unknownDevice(asked.id), false);
  const rule = source.adopt.find(
    (candidate: AdoptionRule) => candidate.format === "*" || candidate.format === asked.format,
  );
  const adopted = rule && adoptedThing(asked.id, source, rule);
  if (adopted === undefined) return made(unknownDevice(asked.id), false);
  const existing = directory.thing(adopted.thing.id);
  if (existing === undefined) return made(adopted, true);
  if (existing.operator === source.operator) return made({ device: adopted.device, thing: existing }, true);
  return made(unknownDevice(asked.id), false);
}

/** The same words whether nobody has the device or somebody else: who sends learns nothing of others. */
export function unknownDevice(id: string): Refusal {
  const expected = "a device of the registry; register it, or give the credential an adoption rule, and replay";
  return refusal("unknown_device", expected, id);
}

function isLong(text: string | undefined): boolean {
  return text !== undefined && text.length > maxRememberedLength;
}

function matchesDevice(pattern: string, id: string): boolean {
  return pattern.endsWith("*") ? id.startsWith(pattern.slice(0, -1)) : pattern === id;
}

function findRoute(
  catalogue: Catalogue,
  found: DeviceAndThing,
  asked: { reading: Reading; source: Source },
): Route | Refusal {
  const { reading, source } = asked;
  const field = found.device.fields?.[reading.name];
  const key = field?.property ?? reading.property;
  if (key === undefined) {
    return refusal(
      "unknown_property",
      "a word that the format, a profile or the device's fields in the registry explain",
      reading.name,
    );
  }
  const observed = catalogue.get(key);
  if (observed === undefined) return refusal("unknown_property", "an observed property of the catalogue", key);
  const channel = field?.channel ?? reading.channel;
  if (channel !== undefined && !isChannel(channel)) {
    return refusal("malformed", "a channel of 1 to 64 of A-Z a-z 0-9 _ -", channel);
  }
  const unit = field?.unit ?? reading.unit ?? (observed.kind === "state" ? observed.unit : undefined);
  if (unit === undefined) {
    return refusal(
      "unknown_unit",
      `a unit for ${reading.name} that can become ${observed.unit}; give it in the device's fields in the registry`,
      "no unit",
    );
  }
  const candidate = unit.length > maxUnitLength ? undefined : conversion(unit, observed.unit);
  // The catalogue has kelvins for differences only: 5 degrees Celsius of difference are 5 K, not 278.15 K, so a scale with a zero of its own is refused.
  const how = candidate !== undefined && observed.unit === "K" && candidate.offset !== 0 ? undefined : candidate;
  if (how === undefined) {
    const isKnown = unit.length <= maxUnitLength && conversion(unit, unit) !== undefined;
    const code = isKnown ? "unit_mismatch" : "unknown_unit";
    return refusal(code, `a UCUM unit that can become ${observed.unit}`, unit);
  }
  return {
    datastream: datastreamId(found.thing.id, key, channel),
    observed,
    convert: unit === observed.unit ? undefined : (value) => how.apply(value),
    plausibility: plausibility.get(key),
    timeZone: found.device.timeZone ?? source.timeZone,
  };
}
