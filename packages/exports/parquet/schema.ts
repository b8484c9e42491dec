import type { TableColumn, TableColumnType, TableShape } from "../table.ts";
import { binary, bool, i32, struct, type ThriftValue } from "./thrift-compact.ts";

// Numbers of parquet.thrift, https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
const physicalTypes = { boolean: 0, int64: 2, double: 5, byteArray: 6 } as const;
export const encodings = { plain: 0, rle: 3, deltaBinaryPacked: 5, rleDictionary: 8 } as const;
export const pageTypes = { data: 0, dictionary: 2 } as const;
const convertedTypes = { utf8: 0, timestampMillis: 9 } as const;
const repetitions = { required: 0, optional: 1 } as const;

const physicalTypeOf: Readonly<Record<TableColumnType, number>> = {
  text: physicalTypes.byteArray,
  timestamp: physicalTypes.int64,
  double: physicalTypes.double,
  integer: physicalTypes.int64,
  boolean: physicalTypes.boolean,
};

export function physicalType(type: TableColumnType): number {
  return physicalTypeOf[type];
}

/** SchemaElements: the root, then one for each column. */
export function schemaElements({ name, columns }: TableShape): readonly ThriftValue[] {
  return [struct([4, binary(name)], [5, i32(columns.length)]), ...columns.map(schemaElement)];
}

/** An optional column has a definition level for each row: 0 where it is absent. */
function schemaElement({ name, type, presence }: TableColumn): ThriftValue {
  return struct(
    [1, i32(physicalType(type))],
    [3, i32(repetitions[presence ?? "optional"])],
    [4, binary(name)],
    [
      6,
      type === "text"
        ? i32(convertedTypes.utf8)
        : type === "timestamp"
          ? i32(convertedTypes.timestampMillis)
          : undefined,
    ],
    [10, logicalType(type)],
  );
}

function logicalType(type: TableColumnType): ThriftValue | undefined {
  if (type === "text") return struct([1, struct()]);
  // isAdjustedToUTC: an instant, not a wall clock; unit MILLIS.
  if (type === "timestamp") return struct([8, struct([1, bool(true)], [2, struct([1, struct()])])]);
  return undefined;
}
