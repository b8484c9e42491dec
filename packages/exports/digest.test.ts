import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createDigest } from "./digest.ts";

test("the digest of what has gone by is there for a trailer and for a sidecar, and the pieces go through as they are", async () => {
  const whole = Buffer.from("Wasserstand;12,5\r\n".repeat(1000));
  async function* pieces(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < whole.length; at += 999) yield whole.subarray(at, at + 999);
  }
  const digest = createDigest(pieces());
  const half = digest.value();
  expect(Buffer.concat(await Array.fromAsync(digest.pieces))).toEqual(whole);
  const expected = createHash("sha256").update(whole);
  const { hex, field, bytes } = digest.value();
  expect(hex).toBe(expected.copy().digest("hex"));
  expect(field).toBe(`sha-256=:${expected.digest("base64")}:`);
  expect(bytes).toBe(whole.length);
  expect(half.bytes).toBe(0);
});
