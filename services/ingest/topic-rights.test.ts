import type { Source } from "@messnetz/model";
import { expect, it } from "vitest";
import { createTopicRights } from "./topic-rights.ts";

const source: Source = { id: "gauges", operator: "town", topics: ["town/+/level", "lab/#"], adopt: [] };
const rights = createTopicRights({ maxTopicBytes: 30, maxTopicLevels: 4 });

it.each([
  ["town/a/level", undefined],
  ["lab", undefined],
  ["lab/x/y", undefined],
  ["town/a/flow", "foreign_device"],
  ["bus/1", "foreign_device"],
  ["$SYS/lab", "foreign_device"],
  ["lab/1/2/3/4", "too_deep"],
  [`lab/${"x".repeat(27)}`, "too_large"],
  [`lab/${"ü".repeat(14)}`, "too_large"],
])("says of the topic %s: %s", (topic, code) => {
  expect(rights.of(source, topic).refusal?.code).toBe(code);
  expect(rights.of(source, topic).refusal?.code).toBe(code);
});

it("asks again for a credential that has changed", () => {
  expect(rights.of({ ...source, topics: ["bus/#"] }, "bus/1").refusal).toBeUndefined();
});
