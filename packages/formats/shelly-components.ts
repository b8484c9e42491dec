import type { Reading, ReadingTime } from "@messnetz/model";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import { componentFields, singletons, type StatusField } from "./shelly-fields.ts";

/** Whose readings they are, and when. */
export interface StatusOrigin {
  readonly device: string;
  readonly time?: ReadingTime;
}

const numbered = /^([a-z][a-z0-9_]*):(\d{1,5})$/u;

export function isComponentName(name: string): boolean {
  return singletons.has(name) || numbered.test(name);
}

/** Fields that only the status of one kind of component has. */
const tellingFields: readonly (readonly [field: string, type: string])[] = [
  ["a_act_power", "em"],
  ["a_total_act_energy", "emdata"],
  ["act_power", "em1"],
  ["total_act_energy", "em1data"],
  ["tC", "temperature"],
  ["rh", "humidity"],
  ["lux", "illuminance"],
  ["pos_control", "cover"],
];

/** The component whose status this is, where a single one was asked for (`EM.GetStatus`): the answer does not name it. */
export function componentOf(status: JsonObject): string | undefined {
  const { id } = status;
  if (typeof id !== "number" || !Number.isInteger(id) || id < 0) return undefined;
  const type = tellingFields.find(([field]) => field in status)?.[1];
  return type === undefined ? undefined : `${type}:${id}`;
}

/** Nothing for components that measure nothing. A null is a value that the device does not know. */
export function* componentReadings(name: string, status: JsonObject, origin: StatusOrigin): Generator<Reading> {
  const match = numbered.exec(name);
  const type = match?.[1] ?? name;
  const table = componentFields.get(type);
  if (table === undefined) return;
  const series = seriesOf(type, match?.[2]);
  const isDoubtful = hasErrors(status["errors"]);
  for (const field of table) {
    const value = valueAt(status, field);
    if (value === undefined || (field.zeroIsUnknown === true && value === 0)) continue;
    const channel = channelOf(series, field.channel);
    const { property, unit } = field;
    yield {
      ...origin,
      name: `${name}.${field.path.join(".")}`,
      value,
      ...(property !== undefined && { property }),
      ...(channel !== "" && { channel }),
      ...(unit !== undefined && { unit }),
      ...((isDoubtful || hasErrors(status[field.errors ?? ""])) && { checks: ["device"] }),
    };
  }
}

/**
 * The series of a component: its name and number, so that the four outputs of one device stay apart; power and energy of one
 * clamp (`em1:2`, `em1data:2`) stand together. The first three-phase meter has none: its series are the phases and their sum.
 */
function seriesOf(type: string, index: string | undefined): string {
  if (index === undefined) return "";
  const meter = type.endsWith("data") ? type.slice(0, -"data".length) : type;
  return meter === "em" && index === "0" ? "" : `${meter}-${index}`;
}

function channelOf(series: string, part: string | undefined): string {
  if (part === undefined) return series;
  return series === "" ? part : `${series}-${part}`;
}

function valueAt(status: JsonObject, field: StatusField): number | boolean | string | undefined {
  const [outer, inner] = field.path;
  const found = status[outer];
  const value = inner === undefined ? found : isJsonObject(found) ? found[inner] : undefined;
  if (typeof value === "string") return field.property === "word" && value !== "" ? value : undefined;
  return typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value)) ? value : undefined;
}

function hasErrors(errors: unknown): boolean {
  return Array.isArray(errors) && errors.length > 0;
}
