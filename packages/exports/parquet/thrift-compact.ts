import type { ByteSink } from "../byte-sink.ts";

/**
 * Thrift's compact protocol (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md), as much of it as
 * Parquet's metadata need. A struct is its fields in ascending order of their ids; a field without a value is left out.
 */
export type ThriftValue =
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "i16" | "i32" | "i64"; readonly value: number }
  | { readonly kind: "binary"; readonly value: string | Uint8Array }
  | { readonly kind: "list"; readonly of: ThriftValue["kind"]; readonly value: readonly ThriftValue[] }
  | { readonly kind: "struct"; readonly value: readonly ThriftField[] };
export type ThriftField = readonly [id: number, value: ThriftValue | undefined];

export const i16 = (value: number): ThriftValue => ({ kind: "i16", value });
export const i32 = (value: number): ThriftValue => ({ kind: "i32", value });
export const i64 = (value: number): ThriftValue => ({ kind: "i64", value });
export const bool = (value: boolean): ThriftValue => ({ kind: "bool", value });
export const binary = (value: string | Uint8Array): ThriftValue => ({ kind: "binary", value });
export const struct = (...value: readonly ThriftField[]): ThriftValue => ({ kind: "struct", value });
export const list = (of: ThriftValue["kind"], value: readonly ThriftValue[]): ThriftValue => ({
  kind: "list",
  of,
  value,
});

/** Parquet's KeyValue, as often as there are facts; nothing where there are none. */
export function keyValues(facts: Readonly<Record<string, string>>): ThriftValue | undefined {
  const entries = Object.entries(facts);
  if (entries.length === 0) return undefined;
  return list(
    "struct",
    entries.map(([key, value]) => struct([1, binary(key)], [2, binary(value)])),
  );
}

const typeCodes = { bool: 1, i16: 4, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;
const falseCode = 2;
const encoder = new TextEncoder();

export function putStruct(sink: ByteSink, fields: readonly ThriftField[]): void {
  let previous = 0;
  for (const [id, field] of fields) {
    if (field === undefined) continue;
    const code = field.kind === "bool" && !field.value ? falseCode : typeCodes[field.kind];
    // Field ids of Parquet's structs are at most 15 apart: the short form of the header always holds them.
    sink.byte(((id - previous) << 4) | code);
    previous = id;
    if (field.kind !== "bool") putValue(sink, field);
  }
  sink.byte(0);
}

function putValue(sink: ByteSink, value: ThriftValue): void {
  switch (value.kind) {
    case "bool":
      return sink.byte(value.value ? 1 : falseCode);
    case "i16":
    case "i32":
    case "i64":
      return putVarint(sink, zigzag(value.value));
    case "binary": {
      const bytes = typeof value.value === "string" ? encoder.encode(value.value) : value.value;
      putVarint(sink, bytes.length);
      return sink.raw(bytes);
    }
    case "list": {
      const count = value.value.length;
      if (count < 15) sink.byte((count << 4) | typeCodes[value.of]);
      else {
        sink.byte(0xf0 | typeCodes[value.of]);
        putVarint(sink, count);
      }
      for (const item of value.value) putValue(sink, item);
      return;
    }
    case "struct":
      putStruct(sink, value.value);
  }
}

/** 0, -1, 1, -2, ... as 0, 1, 2, 3, ...; exact to 2^52. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

/** Little-endian groups of seven bits (ULEB128), for integers below 2^53. */
export function putVarint(sink: ByteSink, value: number): void {
  let rest = value;
  while (rest >= 128) {
    sink.byte((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  sink.byte(rest);
}
