import type { ByteSink } from "../byte-sink.ts";
import { BitPacker, bitWidth } from "./bit-packer.ts";
import { putVarint, zigzag } from "./thrift-compact.ts";

const blockLength = 128;
const miniblocks = 4;
const miniblockLength = blockLength / miniblocks;

/**
 * DELTA_BINARY_PACKED (https://parquet.apache.org/docs/file-format/data-pages/encodings/, encoding 5) of integers within 2^51, as
 * milliseconds since 1970 are. A regular series of a minute's step takes a fraction of a bit per time.
 */
export function putDeltaBinaryPacked(sink: ByteSink, values: Float64Array): void {
  putVarint(sink, blockLength);
  putVarint(sink, miniblocks);
  putVarint(sink, values.length);
  putVarint(sink, zigzag(values[0] ?? 0));
  for (let from = 0; from + 1 < values.length; from += blockLength) {
    putBlock(sink, values.subarray(from, from + 1 + blockLength));
  }
}

/** `values`: of the block, and before them the last one of the block before. */
function putBlock(sink: ByteSink, values: Float64Array): void {
  const count = values.length - 1;
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < count; n++) least = Math.min(least, values[n + 1]! - values[n]!);
  putVarint(sink, zigzag(least));
  const widths = [0, 0, 0, 0];
  for (let n = 0; n < count; n++) {
    const mini = Math.floor(n / miniblockLength);
    const width = bitWidth(values[n + 1]! - values[n]! - least);
    if (width > widths[mini]!) widths[mini] = width;
  }
  for (const width of widths) sink.byte(width);
  const packer = new BitPacker(sink);
  widths.forEach((width, mini) => {
    const first = mini * miniblockLength;
    if (width === 0 || first >= count) return;
    // The last miniblock is filled up; readers know the count.
    for (let n = first; n < first + miniblockLength; n++)
      packer.put(n < count ? values[n + 1]! - values[n]! - least : 0, width);
  });
}
