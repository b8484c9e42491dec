import { describe, expect, it } from "vitest";
import { refusal } from "./message.ts";

describe("refusal", () => {
  it("says what came, whatever it was", () => {
    expect(refusal("malformed", "an object", "text").came).toBe("text");
    expect(refusal("malformed", "an object", { a: 1 }).came).toBe('{"a":1}');
    expect(refusal("malformed", "an object", undefined).came).toBe("undefined");
    expect(refusal("malformed", "an object", null).came).toBe("null");
  });

  it("keeps at most 200 characters of it", () => {
    expect(refusal("too_large", "less", "x".repeat(200)).came).toHaveLength(200);
    const { came } = refusal("too_large", "less", "x".repeat(201));
    expect(came).toHaveLength(200);
    expect(came.endsWith("…")).toBe(true);
  });
});
