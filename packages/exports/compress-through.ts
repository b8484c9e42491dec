import type { Transform } from "node:stream";

/** A compressor of one block's size gives the same bytes for the same content; its output may differ where the input is cut otherwise. */
const blockBytes = 1 << 17;

/** Of a compressor's output; each costs a turn between its thread and ours. */
export const compressorChunkBytes = 1 << 16;

/**
 * `pieces` through a stream of `node:zlib`. While the compressor works on a block (in a thread of its own) the next one is made. Ends the
 * compressor in any case.
 */
export async function* compressThrough(
  open: () => Transform,
  pieces: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  const compressor = open();
  let ready: Uint8Array[] = [];
  compressor.on("data", (bytes: Uint8Array) => ready.push(bytes));
  // Whoever awaits a write or the end hears of it; without a listener the process would end.
  compressor.on("error", () => undefined);
  let working = Promise.resolve();
  try {
    for await (const block of blocks(pieces)) {
      await working;
      yield* ready;
      ready = [];
      working = write(compressor, block);
      // Whoever leaves before it is awaited must not leave a rejection that nobody sees.
      working.catch(() => undefined);
    }
    await working;
    await end(compressor);
    yield* ready;
  } finally {
    compressor.destroy();
  }
}

async function write(compressor: Transform, block: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  compressor.write(block, (error) => (error ? reject(error) : resolve()));
  return promise;
}

async function end(compressor: Transform): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  compressor.once("end", resolve);
  compressor.once("error", reject);
  compressor.end();
  return promise;
}

/** The same bytes in blocks of one size, the last one shorter. A block holds until the one after the next is asked for. */
async function* blocks(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let block = new Uint8Array(blockBytes);
  let other = new Uint8Array(blockBytes);
  let length = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const count = Math.min(piece.length - at, blockBytes - length);
      block.set(piece.subarray(at, at + count), length);
      at += count;
      length += count;
      if (length < blockBytes) continue;
      yield block;
      [block, other] = [other, block];
      length = 0;
    }
  }
  if (length > 0) yield block.subarray(0, length);
}
