import { createProfileSet, type DeviceProfile, formats } from "@messnetz/formats";
import { catalogue } from "@messnetz/model";
import { explain } from "@messnetz/pipeline";
import { loadOwnAndBroughtProfiles } from "@messnetz/profiles";
import { CommandTrouble } from "./command-trouble.ts";

export interface Samples {
  /** The decoded objects, at least one. */
  readonly objects: readonly Readonly<Record<string, unknown>>[];
  /** What network servers call the device, the first one first. */
  readonly names: readonly string[];
  readonly ports: readonly number[];
  /** A profile that is there already for it. */
  readonly known: string | undefined;
}

const maxSamples = 10_000;

/** The decoded objects in messages: each file holds one JSON text, or one a line. Throws a CommandTrouble for what has none. */
export async function readSamples(
  texts: readonly { readonly file: string; readonly text: string }[],
): Promise<Samples> {
  const objects: Readonly<Record<string, unknown>>[] = [];
  const names = new Set<string>();
  const ports = new Set<number>();
  for (const { file, text } of texts) {
    for (const { place, value } of readJson(file, text)) {
      if (objects.length >= maxSamples)
        throw new CommandTrouble(`expected at most ${maxSamples} messages; some are enough`);
      const seen = look(value, place);
      objects.push(seen.object);
      for (const name of seen.names) names.add(name);
      if (seen.port !== undefined) ports.add(seen.port);
    }
  }
  if (objects.length === 0)
    throw new CommandTrouble("expected at least one message of the device as JSON; came nothing", {
      remedy: "For example: messnetz profile new uplink.json --maker brook --model bin-probe --out bin-probe.yaml",
    });
  const set = createProfileSet(await loadOwnAndBroughtProfiles(undefined));
  const known = set.find({ names: [...names], fields: Object.keys(objects[0]!) })?.name;
  return { objects, names: [...names], ports: [...ports].toSorted((a, b) => a - b), known };
}

interface Sample {
  readonly place: string;
  readonly value: unknown;
}

/** One JSON text, a list of them among them, or one a line. */
function readJson(file: string, text: string): readonly Sample[] {
  if (text.trim() === "") return [];
  const whole = parse(text);
  if (!(whole instanceof Error)) {
    const list: readonly unknown[] = Array.isArray(whole) ? whole : [whole];
    return list.map((value, at) => ({ place: list.length === 1 ? file : `${file}, message ${at + 1}`, value }));
  }
  const lines = text.split("\n").map((line, at) => ({ line: line.trim(), place: `${file}, line ${at + 1}` }));
  return lines.flatMap(({ line, place }) => {
    if (line === "") return [];
    const value = parse(line);
    if (!(value instanceof Error)) return [{ place, value }];
    throw new CommandTrouble(`${place}: expected JSON, one text in a file or one a line: ${value.message}`, {
      remedy: "A frame that no network server has decoded needs a layout: profiles/README.md, Frames.",
    });
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

interface Seen {
  readonly object: Readonly<Record<string, unknown>>;
  readonly names: readonly string[];
  readonly port: number | undefined;
}

/** The road's own formats take the envelope off; in place of a profile stands one that keeps what it is asked. */
function look(value: unknown, place: string): Seen {
  const payload = Buffer.from(JSON.stringify(value));
  let object: Readonly<Record<string, unknown>> | undefined;
  let names: readonly string[] = [];
  let port: number | undefined;
  const keeper = {
    name: "new/profile",
    revision: 1,
    document: { match: { names: [] } },
    read(decoded: Readonly<Record<string, unknown>>) {
      object = decoded;
      return { readings: [], refusals: [] };
    },
  } as unknown as DeviceProfile;
  const options = {
    formats,
    profiles: {
      profile(query: { readonly names: readonly string[]; readonly port?: number }) {
        ({ names, port } = { port: undefined, ...query });
        return keeper;
      },
    },
    catalogue,
    directory: { source: () => undefined, device: () => undefined },
  };
  const question = { topic: "", payload, receivedAt: 0 };
  const whole = explain(question, options);
  if (object === undefined && whole.format === undefined) explain({ ...question, format: "decoded-object" }, options);
  if (object !== undefined && Object.keys(object).length > 0)
    return { object, names, port: whole.format === undefined ? undefined : port };
  const [refusal] = whole.refusals;
  if (refusal?.code === "no_codec" || refusal?.code === "codec_failed")
    throw new CommandTrouble(`${place}: expected an uplink with decoded fields; this one has a frame only`, {
      remedy:
        "Write a layout into the profile (profiles/README.md, Frames) or set up a payload decoder at the network server; `messnetz decode --explain` shows its bytes.",
    });
  if (whole.format !== undefined)
    throw new CommandTrouble(
      `${place}: expected an uplink of a network server or a decoded object; ${whole.format} reads it without a profile`,
      {
        remedy: "Words that it does not know are explained by the device's `fields` in the registry.",
      },
    );
  throw new CommandTrouble(`${place}: expected an uplink of a network server or an object of decoded fields`);
}
