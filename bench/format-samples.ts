import { readdir } from "node:fs/promises";
import {
  createFrameDecoder,
  createMessage,
  createProfileSet,
  type DecodeContext,
  exampleReceivedAt,
  type FormatExample,
  formats,
} from "@messnetz/formats";
import { catalogue, type DeviceAndThing, type Directory, type RawMessage } from "@messnetz/model";
import { createHistory, createPipeline, type Road } from "@messnetz/pipeline";
import { largeUplinks } from "./large-uplinks.ts";

export interface FormatSample {
  readonly name: string;
  /** Of several devices and times, where ids and times can be told from the rest. */
  readonly messages: readonly RawMessage[];
  readonly context: DecodeContext;
  readonly road: Road;
  readonly readings: number;
}

const folder = new URL("../packages/formats/", import.meta.url);

/** Of each format the first example with readings: the most usual message stands first. Then those that are large in practice. */
export async function readFormatSamples(): Promise<readonly FormatSample[]> {
  const names = (await readdir(folder)).filter((file) => file.endsWith(".examples.ts") && !file.startsWith("profile."));
  const found = await Promise.all(
    names.map(async (file) => {
      const { examples } = (await import(new URL(file, folder).href)) as { examples: readonly FormatExample[] };
      const usual = examples.find((example) => readingsOf(example) > 0);
      return usual === undefined ? [] : [{ name: file.replace(".examples.ts", ""), usual }];
    }),
  );
  const usual = found.flat();
  const large = largeUplinks.flatMap(({ name, of, enlarge }) =>
    usual.filter((example) => example.name === of).map((example) => ({ name, usual: enlarge(example.usual) })),
  );
  return [...usual, ...large].map((example) => sampleOf(example.name, example.usual));
}

function readingsOf({ gives }: FormatExample): number {
  return "readings" in gives ? gives.readings.length : 0;
}

export function decodeSample(raw: RawMessage, context: DecodeContext): unknown {
  const message = createMessage(raw);
  return formats.find((format) => format.recognises(message))?.decode(message, context);
}

function sampleOf(name: string, example: FormatExample): FormatSample {
  const { profiles = [], devices = {}, state = {} } = example;
  const set = createProfileSet(profiles);
  const known: Pick<DecodeContext, "profile" | "device"> = {
    profile: (query) => set.find(query),
    device: (id) => devices[id],
  };
  const road = createPipeline({
    formats,
    profiles: known,
    catalogue,
    directory: directoryOf(example),
    history: createHistory(),
    recall: (_source, _format, key) => state[key],
    isCopy: () => false,
  });
  const context = { ...known, decodeFrame: createFrameDecoder(known, undefined), state: (key: string) => state[key] };
  const readings = readingsOf(example);
  const messages = messagesOf(example);
  for (const message of messages) {
    const decoded = decodeSample(message, context);
    const found =
      typeof decoded === "object" && decoded !== null && "readings" in decoded ? decoded.readings : undefined;
    if (!Array.isArray(found) || found.length !== readings)
      throw new Error(`${name}: expected ${readings} readings, came ${JSON.stringify(decoded)}`);
  }
  return { name, messages, context, road, readings };
}

const kinds = 256;
const eui = /\b[0-9A-Fa-f]{12}([0-9A-Fa-f]{4})\b/gu;

/** Ids of network and time are different in each, so that no memory of the last message makes the next one cheaper than it is. */
function messagesOf(example: FormatExample): readonly RawMessage[] {
  const { topic, payload, receivedAt = exampleReceivedAt } = example;
  const messageOf = (at: string, bytes: Uint8Array): RawMessage => ({
    topic: at,
    payload: bytes,
    receivedAt,
    source: "bench",
  });
  if (payload instanceof Uint8Array) return [messageOf(topic, payload)];
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  const own = ownIdOf(example);
  if (own === undefined) return [messageOf(topic, Buffer.from(text))];
  return Array.from({ length: kinds }, (_, kind) => {
    const vary = (of: string) =>
      of
        .replaceAll(eui, (found, end: string) => {
          if (found.toLowerCase() !== own) return found;
          const id = kind.toString(16).padStart(4, "0");
          return found.slice(0, -4) + (end === end.toUpperCase() ? id.toUpperCase() : id);
        })
        .replaceAll(":59.123", `:${String(kind % 60).padStart(2, "0")}.${String(kind).padStart(3, "0")}`);
    return messageOf(vary(topic), Buffer.from(vary(text)));
  });
}

/** The EUI that the readings are of, where the registry says nothing of it. */
function ownIdOf({ gives, devices }: FormatExample): string | undefined {
  if (devices !== undefined) return undefined;
  const [first] = "readings" in gives ? gives.readings : [];
  return first === undefined ? undefined : /[0-9a-f]{16}$/u.exec(first.device)?.[0];
}

/** Every device is registered. */
function directoryOf({ gives, devices = {} }: FormatExample): Directory {
  const thing = { id: "bench", name: "Bench", domain: "water", operator: "bench" } as const;
  const ids = "readings" in gives ? gives.readings.map(({ device }) => device) : [];
  const known = new Map<string, DeviceAndThing>();
  const register = (id: string): DeviceAndThing => {
    const device = { id, thing: thing.id, ...devices[id] };
    const made = { device: device as DeviceAndThing["device"], thing };
    known.set(id, made);
    return made;
  };
  for (const id of ids) register(id);
  const source = { id: "bench", operator: "bench", topics: ["#"], adopt: [] };
  return {
    version: 1,
    source: () => source,
    device: (id) => known.get(id) ?? (known.size < 2 * kinds ? register(id) : undefined),
    thing: () => thing,
  };
}
