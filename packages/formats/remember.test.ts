import { describe, expect, it } from "vitest";
import { remember } from "./remember.ts";

describe("remember", () => {
  it("works a word out once, also where the answer is none", () => {
    const asked: string[] = [];
    const known = remember((word) => {
      asked.push(word);
      return word === "a" ? 1 : undefined;
    });
    expect([known("a"), known("a"), known("b"), known("b")]).toEqual([1, 1, undefined, undefined]);
    expect(asked).toEqual(["a", "b"]);
  });

  it("does not keep what would fill the memory", () => {
    let asked = 0;
    const known = remember((word) => {
      asked++;
      return word.length;
    });
    const long = "x".repeat(200);
    known(long);
    known(long);
    expect(asked).toBe(2);
    for (let at = 0; at < 10_000; at++) known(`w${at}`);
    known("w0");
    expect(asked).toBe(10_003);
  });
});
