import { Runs } from "../runs.ts";
import { checkPresence, type TableShape } from "../table.ts";
import { type BatchNumbers, type BatchText, maxBatchRows, type TableBatch } from "../table-batch.ts";
import type { ColumnValues, TextValues } from "./column-chunk.ts";

/** Gives a column of a batch as Parquet has it: the values that are there, and where they are. It holds until the next is asked for. */
export function createBatchColumns({ columns }: TableShape): (batch: TableBatch, at: number) => ColumnValues {
  const present = new Uint8Array(maxBatchRows);
  const indices = new Runs(maxBatchRows);
  const levels = new Runs(maxBatchRows);
  const numbers = new Float64Array(maxBatchRows);

  function texts({ runs, dictionary }: BatchText): TextValues {
    indices.clear();
    levels.clear();
    let begin = 0;
    for (let run = 0; run < runs.count; run++) {
      const index = runs.values[run]!;
      const times = runs.ends[run]! - begin;
      levels.add(index < 0 ? 0 : 1, times);
      if (index >= 0) indices.add(index, times);
      begin += times;
    }
    return { type: "text", dictionary, indices, present: levels };
  }

  function values({ values: all }: BatchNumbers, rows: number): { values: Float64Array; present: Uint8Array } {
    let count = 0;
    for (let row = 0; row < rows; row++) {
      const value = all[row]!;
      const isThere = !Number.isNaN(value);
      present[row] = isThere ? 1 : 0;
      if (isThere) numbers[count++] = value;
    }
    return { values: numbers.subarray(0, count), present: present.subarray(0, rows) };
  }

  return (batch, at) => {
    const column = batch.columns[at]!;
    const described = columns[at]!;
    const { type, presence } = described;
    if (column.kind === "text") {
      const made = texts(column);
      checkPresence(described, batch.rows - made.indices.length);
      return made;
    }
    if (type === "text") throw new TypeError(`column ${described.name}: expected texts, came numbers`);
    // The times of raw observations, as they are: most of the rows of most exports.
    if (presence === "required" && type === "timestamp") return { type, values: column.values.subarray(0, batch.rows) };
    const made = values(column, batch.rows);
    checkPresence(described, batch.rows - made.values.length);
    return { type, ...made };
  };
}
