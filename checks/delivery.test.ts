import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const root = dirname(import.meta.dirname);
const lines = readFileSync(join(root, "docs", "delivery.md"), "utf8").split("\n");
const evidence = lines.flatMap((line) => {
  const match = /^ {3}- `([^`]+)` › (.+)$/.exec(line);
  return match === null ? [] : [{ file: match[1]!, name: match[2]! }];
});

describe("docs/delivery.md", () => {
  it.each(evidence)("$file has the test: $name", ({ file, name }) => {
    expect(readFileSync(join(root, file), "utf8")).toContain(name);
  });

  it("has a test for every promise", () => {
    const promises = lines.flatMap((line, n) => (/^\d+\. /.test(line) ? [{ line, next: lines[n + 1] }] : []));
    expect(promises.length).toBeGreaterThan(30);
    expect(promises.filter(({ next }) => next?.startsWith("   - `") !== true)).toEqual([]);
  });
});
