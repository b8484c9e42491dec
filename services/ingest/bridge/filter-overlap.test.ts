import { matchesTopic } from "@messnetz/pipeline";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { filtersOverlap, readShare } from "./filter-overlap.ts";

const level = fc.constantFrom("a", "b", "", "$SYS");
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant("+")), { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([levels, isOpen]) => [...levels, ...(isOpen ? ["#"] : [])].join("/"))
  .filter((text) => text !== "");

/** Every topic of up to four levels, which is one more than the longest filter has before its `#`. */
const names = ["a", "b", "", "$SYS", "c"];
const topics: string[] = [...names];
for (const topic of topics) if (topic.split("/").length < 4) for (const name of names) topics.push(`${topic}/${name}`);

describe("filtersOverlap", () => {
  it("is true where a topic matches both, and only there", () => {
    fc.assert(
      fc.property(filter, filter, (one, other) => {
        const common = topics.find((topic) => matchesTopic(one, topic) && matchesTopic(other, topic));
        expect([one, other, filtersOverlap(one, other)]).toEqual([one, other, common !== undefined]);
        expect(filtersOverlap(other, one)).toBe(common !== undefined);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["town/#", "town", true],
    ["town/+/level", "town/a/#", true],
    ["town/+/level", "town/a/flow", false],
    ["+/a", "b/+", true],
    ["town/water/#", "town/waste/#", false],
    ["#", "$SYS/broker", false],
  ])("%s and %s: %s", (one, other, expected) => {
    expect(filtersOverlap(one, other)).toBe(expected);
  });
});

it("readShare takes the group and the filter apart", () => {
  expect(readShare("$share/g/town/#")).toEqual({ group: "g", filter: "town/#" });
  expect(readShare("$share/g")).toEqual({ group: undefined, filter: "$share/g" });
  expect(readShare("town/$share/g")).toEqual({ group: undefined, filter: "town/$share/g" });
});
