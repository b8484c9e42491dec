import type { ByteSink } from "../byte-sink.ts";
import { BitPacker } from "./bit-packer.ts";
import { putVarint } from "./thrift-compact.ts";

const groupLength = 8;

/**
 * RLE / bit-packing hybrid (https://parquet.apache.org/docs/file-format/data-pages/encodings/, RLE = 3), without a length before
 * it. Runs of eight and more are counted, the rest is packed in groups of eight.
 */
export function putHybridRuns(sink: ByteSink, values: Uint8Array | Uint32Array, width: number): void {
  const count = values.length;
  let packedFrom = 0;
  let row = 0;
  while (row < count) {
    const value = values[row]!;
    let end = row + 1;
    while (end < count && values[end] === value) end++;
    // A run may begin only where the groups before it are whole.
    const filler = (groupLength - ((row - packedFrom) % groupLength)) % groupLength;
    if (end - row - filler >= groupLength) {
      putPacked(sink, values.subarray(packedFrom, row + filler), width);
      putVarint(sink, (end - row - filler) * 2);
      for (let shift = 0; shift < width; shift += 8) sink.byte((value >>> shift) & 0xff);
      packedFrom = end;
    }
    row = end;
  }
  putPacked(sink, values.subarray(packedFrom), width);
}

function putPacked(sink: ByteSink, values: Uint8Array | Uint32Array, width: number): void {
  if (values.length === 0) return;
  const groups = Math.ceil(values.length / groupLength);
  putVarint(sink, groups * 2 + 1);
  const packer = new BitPacker(sink);
  for (let n = 0; n < groups * groupLength; n++) packer.put(values[n] ?? 0, width);
}
