import { describe, expect, it } from "vitest";
import { instantSchema, toIso } from "./time.ts";

describe("instant", () => {
  it.each([
    ["2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00.000Z"],
    ["2026-10-25T02:30:00Z", "2026-10-25T02:30:00.000Z"],
    ["2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.123Z"],
    ["1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"],
  ])("of %s is %s", (text, iso) => {
    expect(toIso(instantSchema.parse(text))).toBe(iso);
  });

  it.each(["2026-03-29T02:30:00", "2026-03-29", "2026-02-30T00:00:00Z", "yesterday", "", 0])("is not %j", (text) => {
    expect(instantSchema.safeParse(text).success).toBe(false);
  });
});
