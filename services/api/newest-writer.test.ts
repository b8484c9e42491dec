import { catalogue, type Observation, type Thing } from "@messnetz/model";
import { anObservation } from "@messnetz/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createNewestWriter } from "./newest-writer.ts";

function town(datastreams: number): Observation[] {
  return Array.from({ length: datastreams }, (_, n) =>
    anObservation({ datastream: `gauge-${String(n).padStart(5, "0")}/water_level`, result: n }),
  );
}
const things: readonly Thing[] = [{ id: "gauge-00000", name: "A gauge", domain: "water", operator: "waterworks" }];

const read = (body: Buffer) => JSON.parse(body.toString()) as { items: { result: unknown }[]; things: unknown };

test("what did not change is the same answer again, and what changed is another one with another tag", () => {
  const writeNewest = createNewestWriter(catalogue);
  const newest = town(100);
  const first = writeNewest(newest, things);
  // Another list of the same, as each question makes one.
  expect(writeNewest([...newest], [...things]).body).toBe(first.body);
  const later = newest.with(50, { ...newest[50]!, result: -1 });
  const second = writeNewest(later, things);
  expect(second.content).not.toBe(first.content);
  expect(read(second.body).items.map(({ result }) => result)).toEqual(later.map(({ result }) => result));
  expect(writeNewest(newest, []).content).not.toBe(first.content);
});

test("who asks in turn for this and that gets what he asked for, whatever was answered before", () => {
  const all = town(200);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(199), fc.nat(199), fc.boolean()), { maxLength: 20 }), (questions) => {
      const writeNewest = createNewestWriter(catalogue);
      let now = all;
      for (const [from, to, changes] of questions) {
        if (changes) now = now.with(from, { ...now[from]!, result: now[from]!.phenomenonTime + to });
        const asked = now.slice(from, to);
        const { body } = writeNewest(asked, things);
        expect(read(body).items.map(({ result }) => result)).toEqual(asked.map(({ result }) => result));
        expect(read(body).things).toEqual(things);
      }
    }),
    { numRuns: 50 },
  );
});

test("answers that are kept do not add up: older ones go, the last one stays however long it is", () => {
  const newest = town(100);
  const { length } = createNewestWriter(catalogue)(newest, []).body;
  const writeNewest = createNewestWriter(catalogue, length * 1.4);
  const isKept = (some: readonly Observation[]) => {
    const first = writeNewest(some, []).body;
    return writeNewest(some, []).body === first;
  };
  const whole = writeNewest(newest, []).body;
  expect(isKept(newest)).toBe(true);
  expect(isKept(newest.slice(0, 50))).toBe(true);
  // Together they are too much.
  expect(writeNewest(newest, []).body === whole).toBe(false);
  expect(isKept([...newest, ...newest])).toBe(true);
});
