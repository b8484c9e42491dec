import { describe, expect, it } from "vitest";
import { createMessage, maxJsonDepth, maxTextBytes } from "./message.ts";

function messageOf(payload: string | Uint8Array) {
  return createMessage({
    topic: "a//b",
    payload: typeof payload === "string" ? Buffer.from(payload) : payload,
    receivedAt: 0,
    source: "test",
  });
}

describe("a message", () => {
  it("has the levels of its topic, empty ones too", () => {
    expect(messageOf("").levels).toEqual(["a", "", "b"]);
  });

  it("is read once", () => {
    const message = messageOf('{"a":1}');
    expect(message.json()).toBe(message.json());
    expect(message.problem()).toBeUndefined();
  });

  it("loses a byte order mark", () => {
    expect(messageOf("\ufeff[1]").json()).toEqual([1]);
  });

  it("gives the reason where its bytes are no UTF-8", () => {
    const message = messageOf(new Uint8Array([0x22, 0xc3, 0x28, 0x22]));
    expect(message.text()).toBeUndefined();
    expect(message.json()).toBeUndefined();
    expect(message.problem()).toMatchObject({ code: "invalid_utf8", came: "bytes 22c32822" });
  });

  it("gives the reason where it is no JSON", () => {
    const message = messageOf('{"a":NaN}');
    expect(message.json()).toBeUndefined();
    expect(message.problem()).toMatchObject({ code: "malformed", came: '{"a":NaN}' });
  });

  it.each([
    ["lists", "[".repeat(maxJsonDepth), "]".repeat(maxJsonDepth)],
    ["objects", '{"a":'.repeat(maxJsonDepth - 1) + "{", "}".repeat(maxJsonDepth)],
    ["lists after lists", `[${"[],".repeat(100)}[`, "]]"],
    ["brackets in strings", `["${"[{".repeat(100)}\\"[[`, '"]'],
  ])("takes %s up to the limit of depth", (_, open, close) => {
    expect(messageOf(open + close).problem()).toBeUndefined();
    expect(messageOf(open + close).json()).toBeDefined();
  });

  it.each([
    ["lists", "[".repeat(maxJsonDepth + 1) + "]".repeat(maxJsonDepth + 1)],
    ["objects and lists", '{"a":['.repeat(maxJsonDepth) + "]}".repeat(maxJsonDepth)],
    ["lists that never close", "[".repeat(200_000)],
    ["lists after a string that ends in a backslash", `["\\\\",${"[".repeat(maxJsonDepth)}`],
    ["lists that are no JSON", `${"[".repeat(maxJsonDepth + 1)}NaN`],
    ["lists in a long text", `["${"x".repeat(20_000)}",${"[".repeat(maxJsonDepth)}${"]".repeat(maxJsonDepth + 1)}`],
  ])("refuses deeper %s", (_, text) => {
    const message = messageOf(text);
    expect(message.json()).toBeUndefined();
    expect(message.problem()?.code).toBe("too_deep");
  });

  it("refuses what is larger than any real message", () => {
    const message = messageOf(new Uint8Array(maxTextBytes + 1).fill(0x20));
    expect(message.text()).toBeUndefined();
    expect(message.problem()?.code).toBe("too_large");
    expect(messageOf(`"${"x".repeat(maxTextBytes - 2)}"`).json()).toHaveLength(maxTextBytes - 2);
  });

  it("leaves the prototype alone", () => {
    const json = messageOf('{"__proto__":{"polluted":true}}').json() as Record<string, unknown>;
    expect(Object.getPrototypeOf(json)).toBe(Object.prototype);
    expect(json["polluted"]).toBeUndefined();
  });
});
