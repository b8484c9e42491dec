import { describe, expect, test } from "vitest";
import { compressions } from "./compression.ts";

describe.each(compressions)("$name", ({ compress }) => {
  test("takes nothing before it is asked, little more than it gives, and closes its source when the reader stops", async () => {
    let taken = 0;
    let isClosed = false;
    async function* endless(): AsyncIterable<Uint8Array> {
      try {
        for (;;) {
          taken++;
          yield Buffer.from(Array.from({ length: 65_536 }, (_, n) => (n * 7919 * taken) % 251));
        }
      } finally {
        isClosed = true;
      }
    }
    const pieces = compress(endless())[Symbol.asyncIterator]();
    expect(taken).toBe(0);
    await pieces.next();
    const before = taken;
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    expect(taken).toBe(before);
    await pieces.return?.();
    expect(isClosed).toBe(true);
  });

  test("passes on that its source failed", async () => {
    async function* failing(): AsyncIterable<Uint8Array> {
      yield new Uint8Array(300_000);
      throw new Error("the disk is gone");
    }
    await expect(Array.fromAsync(compress(failing()))).rejects.toThrow("the disk is gone");
  });
});
