import { type ObservationChunk, toChunk } from "@messnetz/model";
import { describe, expect, test } from "vitest";
import { catalogue, observation } from "./example-observations.fixture.ts";
import { exportFormats } from "./index.ts";

const rows = 4096;
const chunk = toChunk(
  Array.from({ length: rows }, (_, n) => observation({ phenomenonTime: n * 60_000, result: Math.sin(n) })),
);

describe.each(exportFormats)("$name", (format) => {
  test("takes nothing before it is asked, and closes its source when the reader stops", async () => {
    let taken = 0;
    let isClosed = false;
    async function* endless(): AsyncIterable<ObservationChunk> {
      try {
        for (;;) {
          taken += rows;
          yield chunk;
        }
      } finally {
        isClosed = true;
      }
    }
    const pieces = format.write(endless(), { catalogue })[Symbol.asyncIterator]();
    expect(taken).toBe(0);
    // The magic number of a Parquet file is a piece of its own.
    for (let n = 0; n < 2; n++) expect((await pieces.next()).done).toBe(false);
    const before = taken;
    expect(before).toBeLessThanOrEqual(131_072 + rows);
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    expect(taken).toBe(before);
    await pieces.return?.();
    expect(isClosed).toBe(true);
  });

  test("passes on that its source failed, and does not end like a whole file", async () => {
    async function* failing(): AsyncIterable<ObservationChunk> {
      yield chunk;
      throw new Error("the disk is gone");
    }
    const read = async () => Array.fromAsync(format.write(failing(), { catalogue }));
    await expect(read()).rejects.toThrow("the disk is gone");
  });

  test("gives pieces that a socket can take", async () => {
    async function* many(): AsyncIterable<ObservationChunk> {
      for (let n = 0; n < 100; n++) yield chunk;
    }
    for await (const piece of format.write(many(), { catalogue })) expect(piece.length).toBeLessThan(300_000);
  });
});
