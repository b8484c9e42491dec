import { type EpochMs, type Reading, type ReadingTime, type Refusal, refusal } from "@messnetz/model";
import { instantOf } from "./instant.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import type { FieldSeen, ProfileReadings, ReadContext } from "./profile.ts";
import { type Clock, type Compiled, compile, join, type List, type ReaderDocument } from "./profile-meanings.ts";
import { fillIn } from "./profile-path.ts";
import type { Beside, TimeKind } from "./profile-schema.ts";
import { readField } from "./profile-value.ts";

/** Fields of an object that are refused one by one; a device with more of them needs another profile, not a longer list. */
const maxRefusals = 32;

/** One walk through one object. */
interface Walk {
  readonly compiled: Compiled;
  readonly context: ReadContext;
  readonly readings: Reading[];
  readonly refusals: Refusal[];
  refused: number;
  skip: string | undefined;
}

/** Where the walk is: the object or list around a value, and the time that holds there. */
interface Place {
  readonly path: string;
  readonly around: JsonObject;
  readonly time: ReadingTime | Refusal | undefined;
  /** The unit that a list entry gives itself. */
  readonly unit?: unknown;
}

export function createProfileReader(document: ReaderDocument) {
  const compiled = compile(document);
  return function read(decoded: JsonObject, context: ReadContext): ProfileReadings {
    const walk: Walk = { compiled, context, readings: [], refusals: [], refused: 0, skip: undefined };
    const time = context.time === undefined ? undefined : { instant: context.time };
    visitObject(walk, decoded, { path: "", around: decoded, time });
    if (walk.skip !== undefined) return { readings: [], refusals: [], skip: walk.skip };
    if (walk.refused > maxRefusals) {
      const expected = `fields that profile ${document.profile} explains`;
      walk.refusals.push(refusal("unknown_property", expected, `${walk.refused - maxRefusals} more fields`));
    }
    return { readings: walk.readings, refusals: walk.refusals };
  };
}

function visitObject(walk: Walk, object: JsonObject, place: Place): void {
  const clock = clockIn(walk.compiled.times.get(place.path), object);
  const own = clock === undefined ? undefined : readTime(object[clock.key], clock.as);
  const time = own ?? (clock !== undefined && place.path !== "" ? noTime(clock.key) : place.time);
  // Keys, not entries: a list for each of them costs as much as the visit.
  for (const key of Object.keys(object)) {
    visit(walk, object[key], { path: join(place.path, key), around: object, time });
    if (walk.skip !== undefined) return;
  }
}

/** The first clock that the object has; where it has none of them, the first says what is missing. */
function clockIn(clocks: readonly Clock[] | undefined, object: JsonObject): Clock | undefined {
  return clocks?.find(({ key }) => object[key] !== undefined) ?? clocks?.[0];
}

function visit(walk: Walk, value: unknown, place: Place): void {
  if (Array.isArray(value)) return visitList(walk, value, place);
  if (isJsonObject(value)) return visitObject(walk, value, place);
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean")
    visitValue(walk, value, place);
}

function visitList(walk: Walk, list: readonly unknown[], place: Place): void {
  const named = walk.compiled.lists.get(place.path);
  for (const element of list) {
    if (named !== undefined && isJsonObject(element) && element[named.key] !== undefined) {
      visitEntry(walk, element, { place, named });
    } else {
      // A list in a list of named entries is the same list: some codecs wrap the entries of one frame.
      const isWrapped = named !== undefined && Array.isArray(element);
      visit(walk, element, isWrapped ? place : { ...place, path: `${place.path}[]` });
    }
    if (walk.skip !== undefined) return;
  }
}

function visitEntry(walk: Walk, entry: JsonObject, { place, named }: { place: Place; named: List }): void {
  const key = entry[named.key];
  const path = join(place.path, typeof key === "string" || typeof key === "number" ? String(key) : "?");
  const value = entry[named.value];
  if (value === undefined) {
    return refuse(walk, refusal("invalid_value", `a ${named.value} in the entry`, entry), { path, around: entry });
  }
  const clock = clockIn(walk.compiled.times.get(`${place.path}[]`), entry);
  const time = clock === undefined ? place.time : (readTime(entry[clock.key], clock.as) ?? noTime(clock.key));
  visit(walk, value, { path, around: entry, time, ...(named.unit !== undefined && { unit: entry[named.unit] }) });
}

function visitValue(walk: Walk, raw: number | string | boolean, place: Place): void {
  const { compiled, context } = walk;
  const { path } = place;
  const skip = compiled.skip.find(path)?.entry;
  if (skip !== undefined && (skip.length === 0 || skip.includes(raw))) {
    walk.skip = `${path} is ${String(raw).slice(0, maxShown)}`;
    context.watch?.({ path, raw, around: place.around, became: { kind: "skip" } });
    return;
  }
  const found = compiled.meanings.find(path);
  if (found === undefined) return visitUnknown(walk, raw, place);
  if (found.entry.kind !== "field") {
    context.watch?.({ path, raw, around: place.around, became: found.entry });
    return;
  }
  const { fields, isChoice } = found.entry;
  const says = (keys: Beside) => allSay(keys, place.around, found.captured);
  // Nearly every field is the only one for its path, and of whatever stands beside it.
  const chosen =
    fields[0]!.when === undefined ? fields[0] : fields.find(({ when }) => when === undefined || says(when));
  if (chosen === undefined && isChoice) {
    return refuse(walk, refusal("invalid_value", "keys beside it as one of its choices has them", raw), {
      path,
      raw,
      around: place.around,
    });
  }
  const field = chosen ?? fields[0]!;
  if (chosen === undefined || (field.unless !== undefined && says(field.unless))) {
    context.watch?.({ path, raw, around: place.around, became: { kind: "none", field } });
    return;
  }
  const result = readField(raw, field, {
    unit: field.unitField === undefined ? place.unit : place.around[fillIn(field.unitField, found.captured)],
    factor: field.factorField === undefined ? undefined : place.around[fillIn(field.factorField, found.captured)],
  });
  if ("none" in result) {
    context.watch?.({ path, raw, around: place.around, became: { kind: "none", field } });
    return;
  }
  if ("code" in result) return refuse(walk, result, { path, raw, around: place.around });
  if (place.time !== undefined && "code" in place.time)
    return refuse(walk, place.time, { path, raw, around: place.around });
  // Built field by field: spreads cost more than all the rest of the walk.
  const reading: { -readonly [K in keyof Reading]: Reading[K] } = {
    device: context.device,
    name: path,
    value: result.value,
    property: field.property,
  };
  if (field.channel !== undefined) reading.channel = fillIn(field.channel, found.captured);
  if (result.unit !== undefined) reading.unit = result.unit;
  if (place.time !== undefined) reading.time = place.time;
  if (field.intervalSeconds !== undefined) reading.intervalMs = field.intervalSeconds * 1000;
  walk.readings.push(reading);
  context.watch?.({ path, raw, around: place.around, became: { kind: "reading", reading, field } });
}

/** Has each key one of its values, or a number within its bounds? */
function allSay(keys: Beside, around: JsonObject, captured: Readonly<Record<string, string>>): boolean {
  return Object.entries(keys).every(([key, values]) => {
    const value = around[fillIn(key, captured)];
    if (Array.isArray(values)) return values.some((wanted) => wanted === value);
    const { min = -Infinity, max = Infinity } = values;
    return typeof value === "number" && value >= min && value <= max;
  });
}

/** What the profile does not name may be a word that the registry explains. */
function visitUnknown(walk: Walk, raw: number | string | boolean, { path, time, around }: Place): void {
  const { device, explained, watch } = walk.context;
  if (explained === undefined || !Object.hasOwn(explained, path)) {
    const expected = "a field that the device's profile or its `fields` in the registry explain";
    return refuse(walk, refusal("unknown_property", expected, raw), { path, raw, around });
  }
  if (time !== undefined && "code" in time) return refuse(walk, time, { path, raw, around });
  const reading: Reading = { device, name: path, value: raw, ...(time && { time }) };
  walk.readings.push(reading);
  watch?.({ path, raw, around, became: { kind: "reading", reading, field: undefined } });
}

const maxShown = 64;

function refuse(
  walk: Walk,
  reason: Refusal,
  { path, raw = "", around }: Pick<Partial<FieldSeen>, "raw"> & Pick<FieldSeen, "path" | "around">,
): void {
  walk.context.watch?.({ path, raw, around, became: { kind: "refused", reason } });
  walk.refused++;
  if (walk.refused > maxRefusals) return;
  walk.refusals.push({ ...reason, reading: path.slice(0, maxReadingName), device: walk.context.device });
}

const maxReadingName = 200;

function noTime(key: string): Refusal {
  return refusal("invalid_time", `the time of the entry in ${key}`, "no time");
}

/** ECMA-262 §21.4.1.1: the range of time, in milliseconds. */
const maxTimeMs: EpochMs = 8.64e15;
const local = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?$/u;

/** Undefined where there is none. */
function readTime(raw: unknown, as: TimeKind): ReadingTime | Refusal | undefined {
  if (raw === undefined || raw === null || raw === "") return undefined;
  if (as === "unix" || as === "unix-ms") {
    const number = typeof raw === "string" ? Number(raw) : raw;
    const ms = typeof number === "number" ? Math.floor(as === "unix" ? number * 1000 : number) : Number.NaN;
    if (Math.abs(ms) <= maxTimeMs) return { instant: ms };
    return refusal("invalid_time", "a number of seconds or milliseconds since 1970", raw);
  }
  const instant = instantOf(raw);
  if (instant !== undefined) return { instant };
  if (as === "local" && typeof raw === "string" && local.test(raw)) return { local: raw.replace(" ", "T") };
  return refusal("invalid_time", as === "iso" ? "RFC 3339 with a zone" : "YYYY-MM-DDTHH:mm:ss", raw);
}
