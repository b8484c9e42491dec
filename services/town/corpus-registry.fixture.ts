import {
  createFrameDecoder,
  createMessage,
  createProfileSet,
  type DecodeContext,
  type DeviceProfile,
  formats,
  type JsonValue,
  type KnownDevice,
} from "@messnetz/formats";
import type { Device, Reading, Refusal } from "@messnetz/model";
import { type CorpusRow, payloadOf, topicOf } from "./corpus-row.fixture.ts";

/** What a person would put into the registry before the devices of a row send. */
export interface RowRegistry {
  readonly devices: readonly Omit<Device, "thing">[];
  /** A frame that no network server has decoded. */
  readonly isRaw: boolean;
}

/**
 * Finds the devices of a row and says of them what a person knows who hangs them up: the model, where the envelope does not tell it, and
 * what the words mean whose unit is not in the message (`unit_from`). Of what is expected it looks at names and units, never at values.
 * Rows are asked for in their order, because some formats remember what came before.
 */
export function createRegistryPlan(profiles: readonly DeviceProfile[]): (row: CorpusRow) => RowRegistry {
  const set = createProfileSet(profiles);
  const memory = new Map<string, JsonValue>();
  /** A word that was explained for one row stays so for the next ones of the device. */
  const explained = new Map<string, NonNullable<Device["fields"]>>();

  return function plan(row) {
    const first = decode(row, undefined);
    const nobodyKnows = first.refusals.some(({ code }) => code === "no_codec" || code === "no_profile");
    const model = nobodyKnows ? modelOf(row) : undefined;
    const { devices, readings, refusals, isRaw } =
      model === undefined ? first : decode(row, { profile: model, fields: undefined });
    if (row.expect_status === "unknown_device") return { devices: [], isRaw };
    return {
      isRaw,
      devices: [...devices].map((id) => {
        const all = { ...explained.get(id), ...fieldsOf(row, id, { readings, refusals }) };
        explained.set(id, all);
        // What the message tells itself for once, the registry must not tell otherwise.
        const told = new Set(readings.filter(({ unit }) => unit !== undefined).map(({ name }) => name));
        const fields = Object.fromEntries(Object.entries(all).filter(([word]) => !told.has(word)));
        return { id, fields, ...(model !== undefined && { profile: model }) };
      }),
    };
  };

  /** The profile of the model that stands on the device. */
  function modelOf({ device }: CorpusRow): string | undefined {
    if (typeof device !== "object") return undefined;
    return set.find({ names: [`${device.vendor} ${device.model}`] })?.name;
  }

  function decode(row: CorpusRow, known: KnownDevice | undefined) {
    const receivedAt = Date.now();
    const message = createMessage({ topic: topicOf(row), payload: payloadOf(row), receivedAt, source: "corpus" });
    const format = formats.find((candidate) => candidate.recognises(message));
    const devices = new Set<string>();
    let isRaw = false;
    const lookups: Pick<DecodeContext, "profile" | "device"> = {
      profile: (query) => set.find(query),
      device(id) {
        devices.add(id);
        return known;
      },
    };
    const decodeFrame = createFrameDecoder(lookups, undefined);
    const decoded = format?.decode(message, {
      ...lookups,
      state: (key) => memory.get(`${format.name} ${key}`),
      decodeFrame(frame) {
        isRaw = true;
        return decodeFrame(frame);
      },
    });
    if (format === undefined || decoded === undefined) return { devices, isRaw, readings: [], refusals: [] };
    if ("code" in decoded) return { devices: withOwn(devices, [decoded]), isRaw, readings: [], refusals: [decoded] };
    for (const { key, value } of decoded.remember ?? []) memory.set(`${format.name} ${key}`, value);
    if ("skip" in decoded) return { devices, isRaw, readings: [], refusals: [] };
    const { readings, refusals = [] } = decoded;
    return { devices: withOwn(devices, [...readings, ...refusals]), isRaw, readings, refusals };
  }
}

function withOwn(devices: Set<string>, parts: readonly { readonly device?: string }[]): Set<string> {
  for (const { device } of parts) if (device !== undefined) devices.add(device);
  return devices;
}

/** Words without a meaning of their own, each with the quantity of its name; a single one with the single quantity. */
function fieldsOf(
  row: CorpusRow,
  device: string,
  { readings, refusals }: { readonly readings: readonly Reading[]; readonly refusals: readonly Refusal[] },
): NonNullable<Device["fields"]> {
  const open = row.expect.filter(({ unit_from, unit_known }) => unit_from !== undefined || unit_known === false);
  const words = new Set([
    ...readings.filter((one) => one.device === device && one.unit === undefined).map(({ name }) => name),
    ...refusals
      .filter((one) => one.device === device && one.code === "unknown_property")
      .flatMap(({ reading }) => reading ?? []),
  ]);
  if (open.length === 0) return {};
  const fields = [...words].flatMap((word) => {
    const same = open.find(({ quantity }) => quantity.toLowerCase().includes(word.toLowerCase()));
    const meant = same ?? (new Set(open.map(({ quantity }) => quantity)).size === 1 ? open[0] : undefined);
    const meaning = meant === undefined ? undefined : meaningOf(word, meant.unit);
    return meaning === undefined ? [] : [[word, meaning] as const];
  });
  return Object.fromEntries(fields);
}

/** A number without a unit says what it is by its word. */
function meaningOf(word: string, unit: string) {
  if (unit === "Cel") return { property: "temperature", unit };
  if (unit === "%") return { property: "humidity", unit };
  return { property: "number", channel: word.replaceAll(/[^A-Za-z0-9_-]+/gu, "_").slice(0, 64), unit };
}
