import type { Reading } from "@messnetz/model";
import type { DocumentProblem } from "./document-problem.ts";
import { type CodecRunner, createFrameDecoder } from "./frame-decoder.ts";
import type { JsonObject } from "./json-object.ts";
import type { DeviceProfile, ProfileReadings } from "./profile.ts";
import type { ProfileExample } from "./profile-schema.ts";

const device = "lorawan:0000000000000000";
const cure = "correct the profile, or what the example expects";

/** What an example of a profile gives: its decoded object, and the readings of that. */
export interface ExampleReadings extends ProfileReadings {
  readonly decoded: JsonObject | undefined;
}

/** What the examples of the profile give otherwise than they say. Frames that need a codec are tried where there is one who runs it. */
export function checkExamples(profile: DeviceProfile, codecs: CodecRunner | undefined): readonly DocumentProblem[] {
  return profile.document.examples.flatMap((example, at) => {
    const isRun = example.frame === undefined || profile.codec === undefined || codecs !== undefined;
    if (!isRun) return [];
    const begin = `example ${JSON.stringify(example.name)}: `;
    return checkExample(profile, example, codecs).map(({ path, message }) => ({
      path: ["examples", at, ...path],
      message: `${begin}${message} — ${cure}`,
    }));
  });
}

/** Undefined, with what is wrong, where the frame cannot be decoded. */
export function runExample(
  profile: DeviceProfile,
  example: ProfileExample,
  codecs: CodecRunner | undefined,
): ExampleReadings | { readonly problem: string } {
  const { decoded, frame, port = 1, uplink } = example;
  if (frame === undefined) return readingsOf(profile, decoded!);
  const decode = createFrameDecoder({ profile: () => profile, device: () => undefined }, codecs);
  const time = uplink === undefined ? 0 : Date.parse(uplink);
  const result = decode({ device, names: [], port, bytes: bytesOf(frame), time });
  if ("code" in result) return { problem: `expected ${result.expected}, came ${result.came}` };
  if ("skip" in result) return { decoded: undefined, readings: [], refusals: [], skip: result.skip };
  return readingsOf(profile, result.decoded);
}

/** Names of the examples of `before` that give something else by `after`. */
export function changedExamples(
  before: DeviceProfile,
  after: DeviceProfile,
  codecs: CodecRunner | undefined,
): readonly string[] {
  const outcome = (profile: DeviceProfile, example: ProfileExample) => {
    const result = runExample(profile, example, codecs);
    return "problem" in result ? result : { readings: result.readings, skip: result.skip !== undefined };
  };
  return before.document.examples
    .filter((example) => !isSame(outcome(before, example), outcome(after, example)))
    .map(({ name }) => name);
}

function readingsOf(profile: DeviceProfile, decoded: JsonObject): ExampleReadings {
  return { ...profile.read(decoded, { device, time: undefined }), decoded };
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../gu) ?? [], (byte) => Number.parseInt(byte, 16));
}

function checkExample(
  profile: DeviceProfile,
  example: ProfileExample,
  codecs: CodecRunner | undefined,
): readonly DocumentProblem[] {
  const outcome = runExample(profile, example, codecs);
  if ("problem" in outcome) return [{ path: ["frame"], message: outcome.problem }];
  const problems: DocumentProblem[] = [];
  const { frame, decoded } = example;
  if (frame !== undefined && decoded !== undefined && !isSame(decoded, outcome.decoded)) {
    problems.push({
      path: ["frame"],
      message: `expected the decoded object ${shown(decoded)}, came ${shown(outcome.decoded)}`,
    });
  }
  const came = outcome.readings;
  example.expect.forEach((told, at) => {
    const reading = came[at];
    if (reading !== undefined && isExpected(told, reading)) return;
    const actual = reading === undefined ? "no reading more" : describe(reading);
    problems.push({ path: ["expect", at], message: `expected ${describeExpected(told)}, came ${actual}` });
  });
  const more = came.slice(example.expect.length);
  if (more.length > 0) {
    problems.push({ path: ["expect"], message: `expected no reading more, came ${more.map(describe).join("; ")}` });
  }
  const refused = outcome.refusals.map(({ reading = "" }) => reading);
  if (!isSame(refused, example.refused)) {
    const why = outcome.refusals.map(({ reading = "", code, expected }) => `${reading} (${code}: ${expected})`);
    problems.push({
      path: ["refused"],
      message: `expected ${listed(example.refused)} to be refused, came ${listed(why)}`,
    });
  }
  return problems;
}

type Expectation = ProfileExample["expect"][number];

function isExpected(told: Expectation, reading: Reading): boolean {
  return (
    told.property === reading.property &&
    told.channel === reading.channel &&
    told.value === reading.value &&
    told.unit === reading.unit &&
    isTime(told.time, reading)
  );
}

function isTime(told: string | undefined, { time }: Reading): boolean {
  if (told === undefined || time === undefined) return told === undefined && time === undefined;
  if ("instant" in time) return Date.parse(told) === time.instant;
  return "local" in time && time.local === told;
}

function describeExpected({ property, channel, value, unit, time }: Expectation): string {
  return words({ property, channel, value, unit, time: time === undefined ? "" : ` at ${time}` });
}

function describe({ property = "", channel, value, unit, time }: Reading): string {
  const when =
    time === undefined ? "" : "instant" in time ? ` at ${new Date(time.instant).toISOString()}` : ` at ${shown(time)}`;
  return words({ property, channel, value, unit, time: when });
}

function words(of: Pick<Expectation, "property" | "channel" | "value" | "unit"> & { readonly time: string }): string {
  const { property, channel, value, unit, time } = of;
  const name = channel === undefined ? property : `${property}.${channel}`;
  return `${name} ${JSON.stringify(value)}${unit === undefined ? " without a unit" : ` ${unit}`}${time}`;
}

function listed(list: readonly string[]): string {
  return list.length === 0 ? "nothing" : list.join(", ");
}

const maxShown = 300;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "none";
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
}

/** Of plain JSON; the order of keys is of no meaning. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame((a as JsonObject)[key], (b as JsonObject)[key]))
  );
}
