import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { exampleReceivedAt, type FormatExample } from "./example.ts";
import type { DecodeContext, PayloadFormat } from "./format.ts";
import { createFrameDecoder, createMessage, createProfileSet, formats, isProfile, parseProfile } from "./index.ts";

const folder = join(import.meta.dirname, "../../profiles");
const profiles = globSync("*/*.yaml", { cwd: folder }).flatMap((file) => {
  const profile = parseProfile(parse(readFileSync(join(folder, file), "utf8")), file, "");
  return isProfile(profile) ? [profile] : [];
});
const set = createProfileSet(profiles);

/** Nested in no more than this many levels, as payloads of devices are. */
type Grow = (value: unknown, times: number) => unknown;

/** Lists become longer, everywhere. */
const longerLists: Grow = (value, times) => {
  if (Array.isArray(value)) return Array.from({ length: times }, () => value as readonly unknown[]).flat();
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, longerLists(inner, times)]));
};

/** Each object gets more members with names of its own sort. */
const moreMembers: Grow = (value, times) => {
  if (Array.isArray(value)) return value.map((inner) => moreMembers(inner, times));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, moreMembers(inner, times)]);
  const leaves = entries.filter(([, inner]) => typeof inner !== "object");
  const more = Array.from({ length: leaves.length === 0 ? 0 : times }, (_, at): [string, unknown] => {
    const [key, inner] = leaves[at % leaves.length]!;
    return [`${key}_${at}`, inner];
  });
  return Object.fromEntries([...entries, ...more]);
};

/** Names and texts become long. */
const longerNames: Grow = (value, times) => {
  if (Array.isArray(value)) return value.map((inner) => longerNames(inner, times));
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]): [string, unknown][] => [
      [key, longerNames(inner, times)],
      [`${key}_1-`.repeat(times), inner],
    ]),
  );
};

const growths: readonly (readonly [string, Grow])[] = [
  ["lists", longerLists],
  ["members", moreMembers],
  ["names", longerNames],
];

const suites = await Promise.all(
  formats.map(async (format) => {
    const { examples } = (await import(`./${format.name}.examples.ts`)) as { examples: readonly FormatExample[] };
    const example = examples.find(({ gives, payload }) => "readings" in gives && isTree(payload));
    return { format, example };
  }),
);
const cases = suites.flatMap(({ format, example }) =>
  example === undefined ? [] : growths.map(([how, grow]) => ({ name: format.name, how, format, example, grow })),
);

function isTree(payload: unknown): boolean {
  return typeof payload === "object" && payload !== null && !(payload instanceof Uint8Array);
}

/** Milliseconds of processor time, the least of some rounds: others on the machine only add to it, and to the time on the clock much more. */
function fastest(format: PayloadFormat, example: FormatExample, payload: Uint8Array): number {
  const known: Pick<DecodeContext, "profile" | "device"> = {
    profile: (query) => set.find(query),
    device: () => undefined,
  };
  const context = { ...known, decodeFrame: createFrameDecoder(known, undefined) };
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const message = createMessage({ topic: example.topic, payload, receivedAt: exampleReceivedAt, source: "growth" });
    const before = process.threadCpuUsage();
    format.recognises(message);
    format.decode(message, context);
    const { user, system } = process.threadCpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

const rounds = 4;
const smallBytes = 12_000;
/** Eight times as much takes eight times as long; with the square of it 64 times. */
const larger = 8;
const mostRatio = 40;
/** Below it a ratio says more of the machine than of us; what grows with the square takes longer for a hundred kilobytes. */
const shortMs = 20;

it.each(cases)("$name takes no more than its share of time for more $how", ({ format, example, grow }) => {
  const sizeOf = (times: number) => Buffer.from(JSON.stringify(grow(example.payload, times)));
  let times = 1;
  while (sizeOf(times).length < smallBytes && times < smallBytes) times *= 2;
  // Lists in lists grow with the square themselves.
  let many = times;
  while (sizeOf(many).length < sizeOf(times).length * larger && many < times * larger) many *= 2;
  const small = sizeOf(times);
  const large = sizeOf(many);
  const ratio = large.length / small.length;
  const took = fastest(format, example, large);
  const isShort = took < shortMs;
  expect(isShort ? 0 : took / fastest(format, example, small)).toBeLessThan((mostRatio * ratio) / larger);
});
