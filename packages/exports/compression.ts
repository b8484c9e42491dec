import { constants, createGzip, createZstdCompress, type Gzip, type ZstdCompress } from "node:zlib";
import { compressorChunkBytes, compressThrough } from "./compress-through.ts";

/** A compression around a whole file. */
export interface Compression {
  readonly name: "gzip" | "zstd";
  /** Of the compressed file; as a `Content-Encoding` its name is meant. */
  readonly contentType: string;
  /** After that of the file, without the dot: `csv` + `gz`. */
  readonly extension: string;
  /**
   * The compressed bytes, piece by piece, in constant memory: nothing is fetched before the reader asks, a reader that stops early closes
   * `pieces`. The same bytes give the same compressed bytes, whichever way they are cut into pieces (with the same Node).
   */
  compress(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

/** Level 6 takes twice as long for a tenth of the size. */
const gzipLevel = 2;
const zstdLevel = 3;

/** RFC 1952, 2.3.1: which system made the file, 255 for unknown; zlib says its own there, which differs between machines. */
const systemAt = 9;
const unknownSystem = 255;

const gzip: Compression = {
  name: "gzip",
  contentType: "application/gzip",
  extension: "gz",
  async *compress(pieces) {
    let isFirst = true;
    for await (const piece of compressThrough(
      (): Gzip => createGzip({ level: gzipLevel, chunkSize: compressorChunkBytes }),
      pieces,
    )) {
      if (isFirst) piece[systemAt] = unknownSystem;
      isFirst = false;
      yield piece;
    }
  },
};

const zstd: Compression = {
  name: "zstd",
  contentType: "application/zstd",
  extension: "zst",
  compress: (pieces) =>
    compressThrough(
      (): ZstdCompress =>
        createZstdCompress({
          chunkSize: compressorChunkBytes,
          params: { [constants.ZSTD_c_compressionLevel]: zstdLevel, [constants.ZSTD_c_checksumFlag]: 1 },
        }),
      pieces,
    ),
};

export const compressions: readonly Compression[] = [gzip, zstd];
