import { type Reading, type Refusal, refusal } from "@messnetz/model";
import { decimalOf } from "./decimal.ts";
import { deviceIdOf } from "./device-word.ts";
import { type Decoded, type DecodeContext, malformed, type Message, type PayloadFormat } from "./format.ts";
import { openwbDevice, type OpenwbMeaning, openwbMeaning } from "./openwb-topics.ts";

/**
 * The wallbox openWB, versions 1.9 and 2.x: one value a topic below `openWB/`; of version 2 phases as a list. The device is the part of the
 * site that the topic names, with what stands before `openWB` (a bridge's prefix) in front: `openwb:lp/1`.
 */
export const openwb: PayloadFormat = {
  name: "openwb",
  revision: 1,
  topics: ["openWB/#", "+/openWB/#", "+/+/openWB/#"],
  specification: "https://github.com/openWB/core/wiki",
  recognises: ({ levels }) => levels.includes("openWB"),
  decode,
};

function decode(message: Message, context: DecodeContext): Decoded | Refusal {
  const { levels } = message;
  const at = levels.indexOf("openWB");
  const path = levels.slice(at + 1).join("/");
  if (at < 0 || path === "") return refusal("malformed", "a topic openWB/...", message.topic);
  const device = deviceIdOf(
    "openwb",
    [...levels.slice(0, at), openwbDevice(path)].filter((part) => part !== "").join("/") || "_",
  );
  const isExplained = Object.hasOwn(context.device(device)?.fields ?? {}, path);
  const meaning: Partial<OpenwbMeaning> | undefined = openwbMeaning(path) ?? (isExplained ? {} : undefined);
  if (meaning === undefined) return { skip: "a setting, or no documented measurement", device };
  const text = message.text()?.trim();
  if (text === undefined) return { ...malformed(message, "text", ""), device, reading: path };
  if (text === "" || text === "null") return { skip: "a value that is not there", device };
  if (meaning.reads === "phases") return readPhases(message, { device, path, meaning });
  const value = meaning.reads === "flag" ? flags.get(text) : decimalOf(unquoted(text));
  if (value === undefined)
    return { ...refusal("invalid_value", "a number, or a flag where one belongs", text), device, reading: path };
  return { readings: [{ device, name: path, value, ...placed(meaning) }] };
}

const flags: ReadonlyMap<string, boolean> = new Map([
  ["0", false],
  ["1", true],
  ["false", false],
  ["true", true],
]);

function unquoted(text: string): string {
  return text.length > 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

function placed(meaning: Partial<OpenwbMeaning>): Partial<Reading> {
  const { property, unit, channel } = meaning;
  return {
    ...(property !== undefined && { property }),
    ...(channel !== undefined && { channel }),
    ...(unit !== undefined && { unit }),
  };
}

const phases = ["L1", "L2", "L3"];

function readPhases(
  message: Message,
  { device, path, meaning }: { device: string; path: string; meaning: Partial<OpenwbMeaning> },
): Decoded | Refusal {
  const list = message.json();
  if (!Array.isArray(list) || list.length > phases.length)
    return { ...malformed(message, "a list of three phases", list), device, reading: path };
  const readings: Reading[] = [];
  for (const [at, phase] of phases.entries()) {
    const value: unknown = list[at];
    if (value === null || value === undefined) continue;
    const number = decimalOf(value);
    if (number === undefined) return { ...refusal("invalid_value", "a number", value), device, reading: path };
    readings.push({ device, name: `${path}.${phase}`, value: number, ...placed(meaning), channel: phase });
  }
  return readings.length === 0 ? { skip: "phases that are not there", device } : { readings };
}
