import { utf8 } from "../byte-sink.ts";

/**
 * FlatBuffers (https://flatbuffers.dev/internals/), as much of it as Arrow's metadata need. A table is its fields in the order of their ids; a
 * field without a value is left out.
 */
export type FlatValue =
  | { readonly kind: "u8" | "i16" | "i32" | "i64"; readonly value: number }
  | { readonly kind: "table"; readonly fields: readonly (FlatValue | undefined)[] }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "tables"; readonly list: readonly FlatTable[] }
  /** Structs of two 64-bit integers each. */
  | { readonly kind: "pairs"; readonly list: readonly (readonly [number, number])[] };
export type FlatTable = Extract<FlatValue, { kind: "table" }>;

export const u8 = (value: number): FlatValue => ({ kind: "u8", value });
export const i16 = (value: number): FlatValue => ({ kind: "i16", value });
export const i32 = (value: number): FlatValue => ({ kind: "i32", value });
export const i64 = (value: number): FlatValue => ({ kind: "i64", value });
export const text = (value: string): FlatValue => ({ kind: "text", value });
export const table = (...fields: readonly (FlatValue | undefined)[]): FlatTable => ({ kind: "table", fields });
export const tables = (list: readonly FlatTable[]): FlatValue => ({ kind: "tables", list });
export const pairs = (list: readonly (readonly [number, number])[]): FlatValue => ({ kind: "pairs", list });

/** Bytes of a value where it stands in a table; what is not a number is an offset of four bytes to where it is. */
const widths = { u8: 1, i16: 2, i32: 4, i64: 8, table: 4, text: 4, tables: 4, pairs: 4 } as const;

/** The buffer whose root is this table, a multiple of 8 bytes long. */
export function flatBuffer(root: FlatTable): Uint8Array {
  const writer = new FlatWriter();
  writer.offsetAt(writer.room(4), writer.table.bind(writer, root));
  return writer.whole();
}

/** Forwards: whatever an offset leads to comes behind it, as offsets are never negative. */
class FlatWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  whole(): Uint8Array {
    this.align(8);
    return this.#bytes.slice(0, this.#length);
  }

  /** Zeros; returns where they begin. */
  room(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }

  align(width: number, before = 0): void {
    this.room((width - ((this.#length + before) % width)) % width);
  }

  /** Puts the value that `put` puts next, and its distance at `at`. */
  offsetAt(at: number, put: () => number): void {
    const target = put();
    this.#view.setUint32(at, target - at, true);
  }

  table({ fields }: FlatTable): number {
    // Fields that are left out at the end need no entry.
    const count = fields.findLastIndex((field) => field !== undefined) + 1;
    this.align(2);
    const index = this.room(4 + count * 2);
    this.align(8);
    const begin = this.room(4);
    this.#view.setInt32(begin, begin - index, true);
    const places = fields.slice(0, count).map((field) => {
      if (field === undefined) return 0;
      const width = widths[field.kind];
      this.align(width);
      return this.room(width);
    });
    this.#view.setUint16(index, 4 + count * 2, true);
    this.#view.setUint16(index + 2, this.#length - begin, true);
    places.forEach((place, n) => this.#view.setUint16(index + 4 + n * 2, place === 0 ? 0 : place - begin, true));
    places.forEach((place, n) => this.#field(fields[n], place));
    return begin;
  }

  #field(field: FlatValue | undefined, place: number): void {
    switch (field?.kind) {
      case undefined:
        return;
      case "u8":
        return this.#view.setUint8(place, field.value);
      case "i16":
        return this.#view.setInt16(place, field.value, true);
      case "i32":
        return this.#view.setInt32(place, field.value, true);
      case "i64":
        return this.#view.setBigInt64(place, BigInt(field.value), true);
      case "table":
        return this.offsetAt(place, () => this.table(field));
      case "text":
        return this.offsetAt(place, () => this.#text(field.value));
      case "tables":
        return this.offsetAt(place, () => this.#tables(field.list));
      case "pairs":
        return this.offsetAt(place, () => this.#pairs(field.list));
    }
  }

  #text(value: string): number {
    const bytes = utf8(value);
    this.align(4);
    // With a zero behind it.
    const at = this.room(4 + bytes.length + 1);
    this.#view.setUint32(at, bytes.length, true);
    this.#bytes.set(bytes, at + 4);
    return at;
  }

  #tables(list: readonly FlatTable[]): number {
    this.align(4);
    const at = this.room(4 + list.length * 4);
    this.#view.setUint32(at, list.length, true);
    list.forEach((one, n) => this.offsetAt(at + 4 + n * 4, () => this.table(one)));
    return at;
  }

  #pairs(list: readonly (readonly [number, number])[]): number {
    this.align(8, 4);
    const at = this.room(4 + list.length * 16);
    this.#view.setUint32(at, list.length, true);
    list.forEach((pair, n) =>
      pair.forEach((value, m) => this.#view.setBigInt64(at + 4 + n * 16 + m * 8, BigInt(value), true)),
    );
    return at;
  }
}
