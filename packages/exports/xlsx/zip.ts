import { crc32, createDeflateRaw, type DeflateRaw } from "node:zlib";
import { utf8 } from "../byte-sink.ts";
import { compressorChunkBytes, compressThrough } from "../compress-through.ts";

/** A ZIP file on its way (APPNOTE.TXT 6.3.10): sizes stand behind each entry, so that nothing is kept; all entries have the same date. */
export interface Zip {
  /** Header, compressed content and descriptor of one entry, the next one behind it. Rejects with a RangeError above 4 GiB: no ZIP64. */
  entry(name: string, content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** The directory of all entries, which ends the file. */
  end(): Uint8Array;
}

/** XML of rows shrinks to a twentieth; better levels take three times as long for a fifth of that. */
const level = 1;
const maxBytes = 0xffff_ffff;
/** 4.4.6: 1980-01-01 00:00, the first there is. */
const firstDate = 0x0021;
/** 4.4.4: bit 3, sizes in a descriptor behind the data; bit 11, names in UTF-8. */
const flags = 0x0808;
const deflated = 8;
/** 4.4.3.2: 2.0, deflate. */
const version = 20;
const signatures = { local: 0x0403_4b50, descriptor: 0x0807_4b50, central: 0x0201_4b50, end: 0x0605_4b50 } as const;

interface Written {
  readonly name: Uint8Array;
  readonly offset: number;
  readonly crc: number;
  readonly packed: number;
  readonly plain: number;
}

export function createZip(): Zip {
  const entries: Written[] = [];
  let offset = 0;
  return {
    async *entry(name, content) {
      const begin = { name: utf8(name), offset };
      let crc = 0;
      let plain = 0;
      let packed = 0;
      async function* counted(): AsyncIterable<Uint8Array> {
        for await (const piece of content) {
          crc = crc32(piece, crc);
          plain += piece.length;
          yield piece;
        }
      }
      const header = localHeader(begin.name);
      offset += header.length;
      yield header;
      for await (const piece of compressThrough(
        (): DeflateRaw => createDeflateRaw({ level, chunkSize: compressorChunkBytes }),
        counted(),
      )) {
        packed += piece.length;
        offset += piece.length;
        yield piece;
      }
      const descriptor = fields([4, signatures.descriptor], [4, crc], [4, packed], [4, plain]);
      offset += descriptor.length;
      if (plain > maxBytes || offset > maxBytes) {
        throw new RangeError("a workbook: expected at most 4 GiB, came more: take a shorter span, or Parquet");
      }
      entries.push({ ...begin, crc, packed, plain });
      yield descriptor;
    },
    end() {
      const directory = Buffer.concat(entries.map(centralHeader));
      const count = entries.length;
      return Buffer.concat([
        directory,
        fields([4, signatures.end], [2, 0], [2, 0], [2, count], [2, count], [4, directory.length], [4, offset], [2, 0]),
      ]);
    },
  };
}

function localHeader(name: Uint8Array): Uint8Array {
  return Buffer.concat([
    fields([4, signatures.local], [2, version], [2, flags], [2, deflated], [2, 0], [2, firstDate]),
    fields([4, 0], [4, 0], [4, 0], [2, name.length], [2, 0]),
    name,
  ]);
}

function centralHeader({ name, offset, crc, packed, plain }: Written): Uint8Array {
  return Buffer.concat([
    fields([4, signatures.central], [2, version], [2, version], [2, flags], [2, deflated], [2, 0], [2, firstDate]),
    fields([4, crc], [4, packed], [4, plain], [2, name.length], [2, 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]),
    name,
  ]);
}

/** Little-endian integers of 2 or 4 bytes. */
function fields(...list: readonly (readonly [bytes: 2 | 4, value: number])[]): Uint8Array {
  const bytes = new Uint8Array(list.reduce((sum, [width]) => sum + width, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [width, value] of list) {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += width;
  }
  return bytes;
}
