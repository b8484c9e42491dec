import { describe, expect, it } from "vitest";
import { isTopicFilter } from "./topic-filter.ts";

describe("isTopicFilter", () => {
  it.each(["#", "+", "/", "a", "a/#", "+/a/+", "/hfp/v2/#", "v3/works@town/devices/+/up", "a b/ü"])(
    "takes %j",
    (text) => expect(isTopicFilter(text)).toBe(true),
  );

  it.each(["", "a#", "a/#/b", "#/a", "a+", "+a/b", "a\0", "x".repeat(65_536)])("refuses %j", (text) =>
    expect(isTopicFilter(text)).toBe(false),
  );
});
