/** Cuts a list so that no part is larger than `maxBytes`, except where one item alone is. Of nothing it makes no part. */
export function chunkBySize<T>(items: Iterable<T>, sizeOf: (item: T) => number, maxBytes: number): T[][] {
  const parts: T[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const size = sizeOf(item);
    if (bytes + size > maxBytes) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(item);
    bytes += size;
  }
  return parts;
}
