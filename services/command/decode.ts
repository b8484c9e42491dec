import { readFile } from "node:fs/promises";
import type { Command, Surroundings } from "./command.ts";
import { CommandTrouble } from "./command-trouble.ts";
import { troubleEndsWith2 } from "./trouble-ends-with-2.ts";
import type { Question } from "@messnetz/pipeline";
import { accessHelp, accessOptions, readArguments } from "./read-arguments.ts";
import { showExplanation } from "./show-explanation.ts";

const help = `Usage: messnetz decode FILE [OPTIONS]
       ... | messnetz decode - [OPTIONS]

What Messnetz makes of a message: its readings with property, unit and time, or why it is refused, what was expected and what cures it.
Nothing is stored. Without --url no town is needed: formats and device profiles are those of this folder.

  --hex, --base64     the input is text of this kind in place of the bytes themselves
  --topic TOPIC       the topic on which it came; many formats are told by it
  --format NAME       where topic and content do not tell it; decoded-object and lorawan-frame are without any envelope
  --profile NAME      the device profile (<maker>/<model>), as the device's registry entry would name it
  --port N            LoRaWAN port of a bare frame or decoded object
  --device ID         the device of a bare frame or decoded object: lorawan:24e124136b502217
  --received-at TIME  when it came, ISO 8601 with a zone; default: now
  --time-zone ZONE    of the device's clock where it gives none: Europe/Berlin
  --explain           shows each step: formats that were asked, profile, bytes of a frame, fields, conversions, checks
  --json              for programs

Exit code: 0 readings, or nothing measured; 1 refused, wholly or in part; 2 the command itself has a mistake.

Without a town:
  --registry FILE     an import file (YAML or CSV) whose devices count, with their profiles and their words
  --profiles FOLDER   device profiles of your own; else MESSNETZ_PROFILES_DIR
Asking a running town, with its registry (a token of scope quarantine):
  --source ID         the credential whose format, time zone and adoption rules count
${accessHelp}
                      decode asks a town only where --url is given`;

const options = {
  ...accessOptions,
  hex: { type: "boolean", default: false },
  base64: { type: "boolean", default: false },
  topic: { type: "string" },
  format: { type: "string" },
  profile: { type: "string" },
  port: { type: "string" },
  device: { type: "string" },
  "received-at": { type: "string" },
  "time-zone": { type: "string" },
  explain: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  registry: { type: "string" },
  profiles: { type: "string" },
  source: { type: "string" },
} as const;

export const decode: Command = {
  name: "decode",
  summary: "what becomes of a message: its readings, or why it is refused",
  help,
  run: troubleEndsWith2(run),
};

async function run(args: readonly string[], surroundings: Surroundings): Promise<void> {
  const { values, positionals } = readArguments(args, options, "decode");
  const { url, registry, profiles, source } = values;
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new CommandTrouble("expected one file, or - for standard input", {
      remedy: "For example: messnetz decode payload.json --topic v3/app@tenant/devices/bin-7/up",
    });
  if (url !== undefined && (registry ?? profiles) !== undefined)
    throw new CommandTrouble("--registry and --profiles: a town has its own; leave them out, or --url");
  if (url === undefined && source !== undefined)
    throw new CommandTrouble("--source: expected --url too, as only a town knows its credentials");
  const question: Question = {
    payload: bytesOf(await readPayload(file, surroundings), values),
    topic: values.topic ?? "",
    receivedAt: instantOf(values["received-at"]),
    format: values.format,
    profile: values.profile,
    device: values.device,
    port: portOf(values.port),
    timeZone: values["time-zone"],
    source,
  };
  const wantsSteps = values.explain;
  const access = { url, tokenFile: values["token-file"], ca: values.ca };
  // The formats, profiles and the registry take longer to load than all other commands take.
  const explanation =
    url === undefined
      ? await (
          await import("./decode-here.ts")
        ).decodeHere(question, { registry, profiles, wantsSteps, ...surroundings })
      : await (await import("./decode-there.ts")).decodeThere(question, await surroundings.open(access), wantsSteps);
  if (values.json) surroundings.print(JSON.stringify(explanation, undefined, 2));
  else
    for (const line of showExplanation(explanation, { hasRegistry: url !== undefined || registry !== undefined }))
      surroundings.print(line);
  if (explanation.outcome === "refused" || explanation.outcome === "partial") surroundings.found();
}

async function readPayload(file: string, { readInput, pathOf }: Surroundings): Promise<Uint8Array> {
  if (file === "-") return readInput();
  return readFile(pathOf(file)).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandTrouble(`expected a file with the payload that can be read: ${why}`, { cause });
  });
}

function bytesOf(input: Uint8Array, { hex, base64 }: { readonly hex: boolean; readonly base64: boolean }): Uint8Array {
  if (!hex && !base64) return input;
  if (hex && base64) throw new CommandTrouble("expected --hex or --base64, came both");
  const text = Buffer.from(input).toString("latin1").replaceAll(/\s/g, "");
  if (hex) {
    const digits = text.replace(/^0x/i, "").replaceAll(/[:,-]/g, "");
    if (/^(?:[0-9a-f]{2})*$/i.test(digits)) return Buffer.from(digits, "hex");
    throw new CommandTrouble(`--hex: expected pairs of hexadecimal digits, came ${shown(text)}`);
  }
  if (/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return Buffer.from(text, "base64");
  throw new CommandTrouble(`--base64: expected base64, came ${shown(text)}`);
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function instantOf(text: string | undefined): number {
  if (text === undefined) return Date.now();
  const instant = Date.parse(text);
  if (/^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/.test(text) && !Number.isNaN(instant)) return instant;
  throw new CommandTrouble(
    `--received-at: expected ISO 8601 with a zone such as 2026-03-29T02:30:00+02:00, came ${text}`,
  );
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d{1,3}$/.test(text) && port <= 255) return port;
  throw new CommandTrouble(`--port: expected a LoRaWAN port from 0 to 255, came ${text}`);
}
