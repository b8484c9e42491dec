import { createCodecs } from "@messnetz/codec";
import { exampleReceivedAt, isProfile, parseProfile } from "@messnetz/formats";
import { loadOwnAndBroughtProfiles } from "@messnetz/profiles";
import { decodeSample, type FormatSample, readFormatSamples } from "./format-samples.ts";
import { type Rate, rateOf, ratesOf, warmUp } from "./rate-of.ts";

/** Messages a second, of one format. */
export interface FormatFigures {
  readonly name: string;
  readonly bytes: number;
  readonly readings: number;
  /** Yardstick: only JSON.parse of the same bytes; undefined where they are no JSON. */
  readonly parsed: Rate | undefined;
  /** Found by topic and content, and decoded. */
  readonly decoded: Rate;
  /** Decoded, normalised, assessed. */
  readonly road: Rate;
}

export interface FormatsFigures {
  readonly formats: readonly FormatFigures[];
  /** One message of each format after the other. */
  readonly mixed: Rate;
  /** Frames by the layouts of all profiles, one after the other. */
  readonly layouts: Rate;
  readonly codec: Rate;
}

const measuredMs = 350;
const warmUpMs = 3_000;

/** Measures in a process that has seen messages of all formats, as a town's has: one that knows a single format only would be faster. */
export async function measureFormats(): Promise<FormatsFigures> {
  const samples = await readFormatSamples();
  const nextOf = new Map(samples.map((sample) => [sample, 0]));
  const next = (sample: FormatSample) => {
    const at = nextOf.get(sample)!;
    nextOf.set(sample, at + 1);
    return sample.messages[at % sample.messages.length]!;
  };
  let turn = 0;
  const nextSample = () => samples[turn++ % samples.length]!;
  warmUp(() => {
    const sample = nextSample();
    const message = next(sample);
    decodeSample(message, sample.context);
    return sample.road(message);
  }, warmUpMs);
  const works = samples.flatMap(({ messages, context, road }) => {
    let at = 0;
    const message = () => messages[at++ % messages.length]!;
    const isParsed = isJson(decoder.decode(messages[0]!.payload));
    return [
      () => decodeSample(message(), context),
      () => road(message()),
      ...(isParsed ? [() => JSON.parse(decoder.decode(message().payload)) as unknown] : []),
    ];
  });
  const rates = ratesOf(works, measuredMs).values();
  const all = samples.map(({ messages, readings, name }): FormatFigures => {
    const { payload } = messages[0]!;
    const [decoded, road] = [rates.next().value!, rates.next().value!];
    const parsed = isJson(decoder.decode(payload)) ? rates.next().value! : undefined;
    return { name, bytes: payload.length, readings, parsed, decoded, road };
  });
  const mixed = rateOf(() => {
    const sample = nextSample();
    return sample.road(next(sample));
  }, measuredMs * 5);
  return { formats: all, mixed, layouts: await layoutRate(), codec: codecRate() };
}

const decoder = new TextDecoder();

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function layoutRate(): Promise<Rate> {
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

/** The CPU time of both threads: the codec runs on one of its own while its caller waits, and both look for each other's turn. */
function codecRate(): Rate {
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
    const work = () => codecs.run(profile, { ...frame, bytes });
    // The engine is there within a second, and the compiler of its thread is done with it.
    warmUp(work, warmUpMs);
    return rateOf(work, measuredMs * 5);
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
