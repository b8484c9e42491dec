import type { ByteSink } from "../byte-sink.ts";
import { Runs } from "../runs.ts";
import { BitPacker } from "./bit-packer.ts";
import { putVarint } from "./thrift-compact.ts";

const groupLength = 8;

/**
 * RLE / bit-packing hybrid (https://parquet.apache.org/docs/file-format/data-pages/encodings/, RLE = 3), without a length before
 * it. Runs of eight and more are counted, the rest is packed in groups of eight.
 */
export function putHybridRuns(sink: ByteSink, values: Uint8Array | Uint32Array | Runs, width: number): void {
  if (values instanceof Runs) return putRuns(sink, values, width);
  const count = values.length;
  let packedFrom = 0;
  let row = 0;
  while (row < count) {
    const value = values[row]!;
    let end = row + 1;
    while (end < count && values[end] === value) end++;
    const filler = fillerFor(row - packedFrom);
    if (end - row - filler >= groupLength) {
      putPacked(sink, values.subarray(packedFrom, row + filler), width);
      putCounted(sink, { value, times: end - row - filler }, width);
      packedFrom = end;
    }
    row = end;
  }
  putPacked(sink, values.subarray(packedFrom), width);
}

function putRuns(sink: ByteSink, { count, values, ends }: Runs, width: number): void {
  let packed: number[] = [];
  let begin = 0;
  for (let run = 0; run < count; run++) {
    const value = values[run]!;
    const times = ends[run]! - begin;
    begin = ends[run]!;
    const filler = fillerFor(packed.length);
    const isCounted = times - filler >= groupLength;
    for (let n = isCounted ? filler : times; n > 0; n--) packed.push(value);
    if (!isCounted) continue;
    putPacked(sink, packed, width);
    putCounted(sink, { value, times: times - filler }, width);
    packed = [];
  }
  putPacked(sink, packed, width);
}

/** A counted run may begin only where the groups before it are whole. */
function fillerFor(packed: number): number {
  return (groupLength - (packed % groupLength)) % groupLength;
}

function putCounted(
  sink: ByteSink,
  { value, times }: { readonly value: number; readonly times: number },
  width: number,
) {
  putVarint(sink, times * 2);
  for (let shift = 0; shift < width; shift += 8) sink.byte((value >>> shift) & 0xff);
}

function putPacked(sink: ByteSink, values: Uint8Array | Uint32Array | readonly number[], width: number): void {
  if (values.length === 0) return;
  const groups = Math.ceil(values.length / groupLength);
  putVarint(sink, groups * 2 + 1);
  const packer = new BitPacker(sink);
  for (let n = 0; n < groups * groupLength; n++) packer.put(values[n] ?? 0, width);
}
