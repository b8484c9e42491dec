import { readdir } from "node:fs/promises";
import { createCodecs } from "@messnetz/codec";
import {
  createFrameDecoder,
  createMessage,
  createProfileSet,
  type DecodeContext,
  exampleReceivedAt,
  type FormatExample,
  formats,
  isProfile,
  parseProfile,
} from "@messnetz/formats";
import { catalogue, type Directory, type DeviceAndThing, type RawMessage } from "@messnetz/model";
import { createHistory, createPipeline, type Road } from "@messnetz/pipeline";
import { loadOwnAndBroughtProfiles } from "@messnetz/profiles";
import { rateOf } from "./rate-of.ts";

/** Messages a second on one core, of one format. */
export interface FormatFigures {
  readonly name: string;
  readonly bytes: number;
  readonly readings: number;
  /** Yardstick: only JSON.parse of the same bytes; undefined where they are no JSON. */
  readonly parsed: number | undefined;
  /** Found by topic and content, and decoded. */
  readonly decoded: number;
  /** Decoded, normalised, assessed. */
  readonly road: number;
}

export interface FormatsFigures {
  readonly formats: readonly FormatFigures[];
  /** One message of each format after the other. */
  readonly mixed: number;
  /** Frames by the layouts of all profiles, one after the other. */
  readonly layouts: number;
  readonly codec: number;
}

const measuredMs = 300;

/** Measures by CPU time, so that others on the machine do not count. */
export async function measureFormats(): Promise<FormatsFigures> {
  const samples = await readSamples();
  const all = samples.map((sample): FormatFigures => {
    const { message, context, road, readings } = sample;
    const text = new TextDecoder().decode(message.payload);
    return {
      name: sample.name,
      bytes: message.payload.length,
      readings,
      parsed: isJson(text)
        ? rateOf(() => JSON.parse(new TextDecoder().decode(message.payload)) as unknown, measuredMs)
        : undefined,
      decoded: rateOf(() => decode(message, context), measuredMs),
      road: rateOf(() => road(message), measuredMs),
    };
  });
  let at = 0;
  const mixed = rateOf(() => {
    const { message, road } = samples[at++ % samples.length]!;
    return road(message);
  }, measuredMs * 5);
  return { formats: all, mixed, layouts: await layoutRate(), codec: codecRate() };
}

function decode(raw: RawMessage, context: DecodeContext): unknown {
  const message = createMessage(raw);
  return formats.find((format) => format.recognises(message))?.decode(message, context);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

interface Sample {
  readonly name: string;
  readonly message: RawMessage;
  readonly context: DecodeContext;
  readonly road: Road;
  readonly readings: number;
}

const folder = new URL("../packages/formats/", import.meta.url);

/** Of each format the first example with readings: the most usual message stands first. */
async function readSamples(): Promise<readonly Sample[]> {
  const names = (await readdir(folder)).filter((file) => file.endsWith(".examples.ts") && !file.startsWith("profile."));
  const samples = await Promise.all(
    names.map(async (file) => {
      const { examples } = (await import(new URL(file, folder).href)) as { examples: readonly FormatExample[] };
      const usual = examples.find((example) => readingsOf(example) > 0);
      return usual === undefined ? [] : [sampleOf(file.replace(".examples.ts", ""), usual)];
    }),
  );
  return samples.flat();
}

function readingsOf({ gives }: FormatExample): number {
  return "readings" in gives ? gives.readings.length : 0;
}

function sampleOf(name: string, example: FormatExample): Sample {
  const { topic, payload, profiles = [], devices = {}, state = {} } = example;
  const bytes =
    payload instanceof Uint8Array
      ? payload
      : Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
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
  });
  const message = { topic, payload: bytes, receivedAt: example.receivedAt ?? exampleReceivedAt, source: "bench" };
  const context = { ...known, decodeFrame: createFrameDecoder(known, undefined), state: (key: string) => state[key] };
  return { name, message, context, road, readings: readingsOf(example) };
}

/** Every device of the example is registered. */
function directoryOf({ gives, devices = {} }: FormatExample): Directory {
  const thing = { id: "bench", name: "Bench", domain: "water", operator: "bench" } as const;
  const ids = "readings" in gives ? gives.readings.map(({ device }) => device) : [];
  const known = new Map(
    ids.map((id): [string, DeviceAndThing] => {
      const device = { id, thing: thing.id, ...devices[id] };
      return [id, { device: device as DeviceAndThing["device"], thing }];
    }),
  );
  const source = { id: "bench", operator: "bench", topics: ["#"], adopt: [] };
  return { version: 1, source: () => source, device: (id) => known.get(id), thing: () => thing };
}

async function layoutRate(): Promise<number> {
  const profiles = await loadOwnAndBroughtProfiles(undefined);
  const frames = profiles.flatMap((profile) =>
    profile.document.examples.flatMap(({ frame, port = 1 }) =>
      frame === undefined || profile.layout === undefined
        ? []
        : [
            {
              profile,
              layout: profile.layout,
              frame: { bytes: Buffer.from(frame, "hex"), port, time: exampleReceivedAt },
            },
          ],
    ),
  );
  let at = 0;
  return rateOf(() => {
    const { profile, layout, frame } = frames[at++ % frames.length]!;
    const result = layout.read(frame);
    return "decoded" in result ? profile.read(result.decoded, { device: "lorawan:0", time: frame.time }) : result;
  }, measuredMs * 5);
}

/** The CPU time of both threads: the codec runs on one of its own while its caller waits. */
function codecRate(): number {
  const profile = parseProfile(
    {
      profile: "bench/codec",
      revision: 1,
      title: "Bench",
      documentation: "https://example.org",
      match: { names: ["bench codec"] },
      fields: {},
      codec: "bench.js",
      examples: [{ name: "none", decoded: {}, expect: [] }],
    },
    "bench.yaml",
    channelCodec,
  );
  if (!isProfile(profile)) throw new Error(JSON.stringify(profile.problems));
  const codecs = createCodecs();
  try {
    const frame = { device: "lorawan:0", names: [], port: 85, time: exampleReceivedAt };
    // Battery, temperature, humidity, distance.
    const bytes = Buffer.from("01755c0367010104686505824408050001", "hex");
    return rateOf(() => codecs.run(profile, { ...frame, bytes }), measuredMs * 5);
  } finally {
    void codecs.close();
  }
}

/** As makers write them: channels of type, length and value. */
const channelCodec = `
function decodeUplink(input) {
  var data = {}, bytes = input.bytes, at = 0;
  while (at + 2 < bytes.length) {
    var type = bytes[at + 1]; at += 2;
    if (type === 0x75) data.battery = bytes[at++];
    else if (type === 0x67) { data.temperature = ((bytes[at + 1] << 8 | bytes[at]) << 16 >> 16) / 10; at += 2; }
    else if (type === 0x68) data.humidity = bytes[at++] / 2;
    else if (type === 0x82) { data.distance = bytes[at + 1] << 8 | bytes[at]; at += 2; }
    else break;
  }
  return { data: data };
}`;
