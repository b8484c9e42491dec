import { createProfileSet, formats } from "@messnetz/formats";
import { catalogue, type Directory, refusalCodes } from "@messnetz/model";
import { createHistory, createPipeline } from "@messnetz/pipeline";
import { loadOwnAndBroughtProfiles } from "@messnetz/profiles";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { isCorpusThere, payloadOf, readCorpus, topicOf } from "./corpus-row.fixture.ts";

const isFull = process.env["MESSNETZ_TRIALS"] === "full";
const numRuns = isFull ? 1_000_000 : 1_500;

/** Whoever sends is registered, so that nothing ends before it was read. */
const thing = { id: "any", name: "Any", domain: "water", operator: "any" } as const;
const source = { id: "any", operator: "any", topics: ["#"], adopt: [{ format: "*", domain: "water" as const }] };
const directory: Directory = { version: 1, source: () => source, device: () => undefined, thing: () => thing };

const numbers = ["-1", "0", "1e308", "-1e400", "9007199254740993", "4294967295", "0.1", "1E-320", "00", "NaN"];
const names = ["__proto__", "constructor", "toString", "", "a.b", "a/b", "\\ud800", "<n>", "*", "x".repeat(400)];

/** One change of bytes: of what stands there, nothing is known. */
const change = fc.oneof(
  fc.record({ how: fc.constant("byte" as const), at: fc.nat(), value: fc.nat(255) }),
  fc.record({ how: fc.constant("cut" as const), at: fc.nat(), value: fc.nat(40) }),
  fc.record({ how: fc.constant("repeat" as const), at: fc.nat(), value: fc.nat(200) }),
  fc.record({ how: fc.constant("number" as const), at: fc.nat(), value: fc.nat(numbers.length - 1) }),
  fc.record({ how: fc.constant("name" as const), at: fc.nat(), value: fc.nat(names.length - 1) }),
  fc.record({ how: fc.constant("nest" as const), at: fc.nat(), value: fc.nat(40) }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function changed(bytes: Buffer, { how, at, value }: Change): Buffer {
  if (bytes.length === 0) return bytes;
  const from = at % bytes.length;
  if (how === "byte") {
    const copy = Buffer.from(bytes);
    copy[from] = value;
    return copy;
  }
  if (how === "cut") return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + value)]);
  if (how === "repeat") {
    const part = bytes.subarray(from, from + value);
    return Buffer.concat([bytes.subarray(0, from), part, part, bytes.subarray(from)]);
  }
  // Latin letters keep every byte what it was.
  const text = bytes.toString("latin1");
  if (how === "number")
    return Buffer.from(replaceAfter(text, from, { found: /-?\d[\d.]*/u, by: numbers[value]! }), "latin1");
  if (how === "name")
    return Buffer.from(replaceAfter(text, from, { found: /"[^"]*"/u, by: `"${names[value]!}"` }), "latin1");
  const nested = `${"[".repeat(value)}1${"]".repeat(value)}`;
  return Buffer.from(replaceAfter(text, from, { found: /-?\d[\d.]*/u, by: nested }), "latin1");
}

/** Replaces the first place at or behind `from`. */
function replaceAfter(text: string, from: number, { found, by }: { found: RegExp; by: string }): string {
  return text.slice(0, from) + text.slice(from).replace(found, () => by);
}

it.skipIf(!isCorpusThere)(
  `what real devices said, damaged ${numRuns} times, becomes observations or a refusal, at once (corpus at ../shared/corpus)`,
  async () => {
    const rows = (await readCorpus()).map((row) => ({ topic: topicOf(row), payload: payloadOf(row) }));
    const set = createProfileSet(await loadOwnAndBroughtProfiles(undefined));
    const road = createPipeline({
      formats,
      profiles: { profile: (query) => set.find(query) },
      catalogue,
      directory,
      history: createHistory(),
    });
    const receivedAt = Date.parse("2026-03-29T00:30:00Z");
    fc.assert(
      fc.property(
        fc.constantFrom(...rows),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        ({ topic, payload }, list) => {
          const damaged = list.reduce(changed, payload);
          const before = process.threadCpuUsage();
          const { observations, refusals } = road({ topic, payload: damaged, receivedAt, source: "any" });
          // Some kilobytes take a fraction of a millisecond; what does not end, or grows with the square, would take seconds.
          expect(process.threadCpuUsage(before).user).toBeLessThan(1_000_000);
          for (const { result } of observations)
            if (typeof result === "number") expect(result).toSatisfy(Number.isFinite);
          for (const { code } of refusals) expect(refusalCodes).toContain(code);
        },
      ),
      { numRuns },
    );
  },
  isFull ? 3_600_000 : 60_000,
);
