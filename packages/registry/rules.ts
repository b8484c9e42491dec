import {
  type DatastreamSettings,
  type Device,
  type DeviceAndThing,
  type ObservedProperty,
  ownPropertyMistakes,
  parseDatastreamId,
  type Source,
  type Thing,
} from "@messnetz/model";
import { normaliseDeviceId } from "./device-id.ts";
import type { Draft } from "./draft.ts";
import { RegistryError } from "./error.ts";
import type { RegistryChange } from "./port.ts";
import { isTopicFilter } from "./topic-filter.ts";

/** Carries one change out on the draft, or throws a `RegistryError` that says which rule is against it. */
export function carryOut(draft: Draft, change: RegistryChange): void {
  switch (change.kind) {
    case "put-operator":
      return draft.put("operator", change.operator.id, change.operator);
    case "put-thing":
      return putThing(draft, change.thing);
    case "put-device":
      return putDevice(draft, change.device);
    case "put-source":
      return putSource(draft, change.source);
    case "put-datastream":
      return putDatastream(draft, change.datastream);
    case "accept-property":
      return putProperty(draft, change.property);
    case "remove-operator":
      return removeOperator(draft, change.id);
    case "remove-thing":
      return removeThing(draft, change.id);
    case "remove-device":
      return draft.remove("device", normaliseDeviceId(change.id));
    case "remove-source":
      return removeSource(draft, change.id);
    case "remove-datastream":
      return draft.remove("datastream", change.id);
  }
}

/**
 * Adopts a device and its thing. What is known stays as it is. False where device or thing belong, or belonged until they were removed, to
 * another operator than the one in whose name it is adopted.
 */
export function adoptInto(draft: Draft, { device, thing }: DeviceAndThing): boolean {
  const id = normaliseDeviceId(device.id);
  const known = draft.get("device", id);
  const existing = draft.get("thing", known?.thing ?? thing.id);
  const owned = existing ?? draft.get("tombstone", thing.id);
  if (owned !== undefined && owned.operator !== thing.operator) return false;
  if (known !== undefined) return true;
  if (existing === undefined) putThing(draft, thing);
  putDevice(draft, { ...device, id, thing: thing.id });
  return true;
}

function removeSource(draft: Draft, id: string): void {
  draft.remove("source", id);
  draft.remove("secret", id);
  for (const [memory, { source }] of draft.all("memory")) if (source === id) draft.remove("memory", memory);
}

export function requireOperator(draft: Draft, id: string, what: string): void {
  if (draft.get("operator", id) !== undefined) return;
  throw new RegistryError("unknown_operator", `${what}: expected an operator that is registered, came ${id}`);
}

function putThing(draft: Draft, thing: Thing): void {
  const former = draft.get("thing", thing.id) === undefined ? draft.get("tombstone", thing.id) : undefined;
  if (former !== undefined && former.operator !== thing.operator) {
    throw new RegistryError("exists", `thing ${thing.id}: expected an id that is free, came one that is taken`);
  }
  const before = draft.get("thing", thing.id);
  draft.put("thing", thing.id, thing);
  requireOperator(draft, thing.operator, `thing ${thing.id}`);
  if (before === undefined || before.operator === thing.operator) return;
  for (const settings of settingsOf(draft, thing.id)) {
    const { public: _, ...rest } = settings;
    draft.put("datastream", settings.id, rest);
  }
}

function putDevice(draft: Draft, device: Device): void {
  const id = normaliseDeviceId(device.id);
  draft.put("device", id, { ...device, id });
  if (draft.get("thing", device.thing) !== undefined) return;
  throw new RegistryError("unknown_thing", `device ${id}: expected a thing that is registered, came ${device.thing}`);
}

function putSource(draft: Draft, source: Source): void {
  const { id, devices, operator } = source;
  draft.put("source", id, devices === undefined ? source : { ...source, devices: devices.map(normaliseDeviceId) });
  requireOperator(draft, operator, `credential ${id}`);
  const wrong = source.topics.find((topic) => !isTopicFilter(topic));
  if (wrong === undefined) return;
  throw new RegistryError("invalid", `credential ${id}: expected MQTT topic filters, came ${JSON.stringify(wrong)}`);
}

function putDatastream(draft: Draft, settings: DatastreamSettings): void {
  draft.put("datastream", settings.id, settings);
  const thing = parseDatastreamId(settings.id)!.thing;
  if (draft.get("thing", thing) !== undefined) return;
  throw new RegistryError(
    "unknown_thing",
    `datastream ${settings.id}: expected a thing that is registered, came ${thing}`,
  );
}

function putProperty(draft: Draft, property: ObservedProperty): void {
  draft.put("property", property.key, property);
  const [mistake] = ownPropertyMistakes(property);
  if (mistake === undefined) return;
  throw new RegistryError("invalid", `property ${property.key}: ${mistake.path.join(".")}: ${mistake.message}`);
}

function settingsOf(draft: Draft, thing: string): readonly DatastreamSettings[] {
  const all = [...draft.all("datastream")].map(([, settings]) => settings);
  return all.filter(({ id }) => id.startsWith(`${thing}/`));
}

function removeThing(draft: Draft, id: string): void {
  const known = draft.get("thing", id);
  if (known !== undefined) draft.put("tombstone", id, { operator: known.operator, domain: known.domain });
  draft.remove("thing", id);
  const devices = [...draft.all("device")].filter(([, device]) => device.thing === id);
  for (const [device] of devices) draft.remove("device", device);
  for (const settings of settingsOf(draft, id)) draft.remove("datastream", settings.id);
}

function removeOperator(draft: Draft, id: string): void {
  const owned = [
    ...firstOwned(
      "thing",
      [...draft.all("thing")].find(([, thing]) => thing.operator === id),
    ),
    ...firstOwned(
      "credential",
      [...draft.all("source")].find(([, source]) => source.operator === id),
    ),
    ...firstOwned(
      "token",
      [...draft.all("token")].find(([, token]) => token.principal.operator === id),
    ),
  ];
  if (owned.length > 0)
    throw new RegistryError("in_use", `operator ${id}: expected it to own nothing, but it has ${owned.join(", ")}`);
  draft.remove("operator", id);
}

function firstOwned(what: string, found: readonly [string, unknown] | undefined): readonly string[] {
  return found === undefined ? [] : [`${what} ${found[0]}`];
}
