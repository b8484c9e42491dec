import { bitsToChecks, type Catalogue, checks, type ObservationChunk, qualities } from "@messnetz/model";
import type { ByteSink } from "../byte-sink.ts";
import { type DatastreamWords, wordsOf } from "../datastream-words.ts";
import { exportColumns } from "../export-format.ts";
import { type ColumnValues, putColumnChunk } from "./column-chunk.ts";
import type { ColumnSchema } from "./schema.ts";
import type { ThriftValue } from "./thrift-compact.ts";

/** 4 MB in memory, a column is encoded in a millisecond or two, and a reader of one column still reads long stretches. */
export const rowGroupRows = 65_536;

type ColumnName = (typeof exportColumns)[number];

const optional = new Set<string>(["channel", "interval_start", "result", "state"]);
const timestamps = new Set<string>(["phenomenon_time", "interval_start", "result_time"]);

export const columns: readonly ColumnSchema[] = exportColumns.map((name) => ({
  name,
  type: timestamps.has(name) ? "timestamp" : name === "result" ? "double" : "text",
  presence: optional.has(name) ? "optional" : "required",
}));

/** The rows of one row group on their way, column by column. */
export class RowGroup {
  rows = 0;
  readonly #catalogue: Catalogue;
  readonly #ids: string[] = [];
  readonly #idIndex = new Map<string, number>();
  readonly #words: string[] = [];
  readonly #wordIndex = new Map<string, number>();
  readonly #datastream = new Uint32Array(rowGroupRows);
  readonly #phenomenonTime = new Float64Array(rowGroupRows);
  readonly #intervalStart = new Float64Array(rowGroupRows);
  readonly #resultTime = new Float64Array(rowGroupRows);
  readonly #value = new Float64Array(rowGroupRows);
  /** Index of the word plus one; 0 where the result is a number. */
  readonly #word = new Uint32Array(rowGroupRows);
  readonly #verdict = new Uint32Array(rowGroupRows);
  /** Of the column in hand: a column is encoded before the next is asked for. */
  readonly #scratch = {
    indices: new Uint32Array(rowGroupRows),
    values: new Float64Array(rowGroupRows),
    present: new Uint8Array(rowGroupRows),
  };

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  /** Empties it for the next rows. */
  clear(): void {
    this.rows = 0;
    this.#ids.length = 0;
    this.#idIndex.clear();
    this.#words.length = 0;
    this.#wordIndex.clear();
  }

  /** Takes rows from `first` on until the group is full; returns the next row of the chunk. */
  take(chunk: ObservationChunk, first: number): number {
    const end = Math.min(chunk.length, first + rowGroupRows - this.rows);
    const at = this.rows;
    this.#phenomenonTime.set(chunk.phenomenonTime.subarray(first, end), at);
    this.#intervalStart.set(chunk.intervalStart.subarray(first, end), at);
    this.#resultTime.set(chunk.resultTime.subarray(first, end), at);
    this.#value.set(chunk.value.subarray(first, end), at);
    const known = chunk.datastreams.map(() => -1);
    for (let row = first; row < end; row++) {
      const local = chunk.datastream[row]!;
      let index = known[local]!;
      if (index < 0) {
        index = indexOf(this.#idIndex, this.#ids, chunk.datastreams[local]!);
        known[local] = index;
      }
      const to = at + row - first;
      this.#datastream[to] = index;
      this.#verdict[to] = (chunk.quality[row]! << checks.length) | chunk.checks[row]!;
      const word = chunk.word?.[row];
      this.#word[to] = word === undefined ? 0 : indexOf(this.#wordIndex, this.#words, word) + 1;
    }
    this.rows += end - first;
    return end;
  }

  /** Observed properties of the rows. */
  properties(): ReadonlySet<string> {
    return new Set(this.#ids.map((id) => wordsOf(id, this.#catalogue).property));
  }

  /** Puts one of the `columns`; returns its metadata. `base`: offset in the file of the sink's first byte. */
  put(sink: ByteSink, column: ColumnSchema, base: number): ThriftValue {
    return putColumnChunk(sink, { column, rows: this.rows, values: this.#valuesOf(column.name as ColumnName) }, base);
  }

  #valuesOf(name: ColumnName): ColumnValues {
    const { rows } = this;
    switch (name) {
      case "datastream":
        return { type: "text", dictionary: this.#ids, indices: this.#datastream.subarray(0, rows) };
      case "thing":
      case "property":
      case "channel":
      case "unit":
        return this.#perDatastream((words) => words[name]);
      case "phenomenon_time":
        return { type: "timestamp", values: this.#phenomenonTime.subarray(0, rows) };
      case "interval_start":
        return this.#presentOnly("timestamp", this.#intervalStart);
      case "result":
        return this.#presentOnly("double", this.#value);
      case "state":
        return this.#mapped(this.#word, [undefined, ...this.#words]);
      case "quality":
        return this.#perVerdict((verdict) => qualities[verdict >>> checks.length]!);
      case "checks":
        return this.#perVerdict((verdict) => bitsToChecks(verdict & ((1 << checks.length) - 1)).join(" "));
      default:
        return { type: "timestamp", values: this.#resultTime.subarray(0, rows) };
    }
  }

  #perDatastream(word: (words: DatastreamWords) => string | undefined): ColumnValues {
    const texts = this.#ids.map((id) => word(wordsOf(id, this.#catalogue)));
    return this.#mapped(this.#datastream, texts);
  }

  #perVerdict(word: (verdict: number) => string): ColumnValues {
    const texts = Array.from({ length: qualities.length << checks.length }, (_, verdict) => word(verdict));
    return this.#mapped(this.#verdict, texts);
  }

  /** The column of `texts[keys[row]]`; undefined is absent. */
  #mapped(keys: Uint32Array, texts: readonly (string | undefined)[]): ColumnValues {
    const { rows } = this;
    const { indices, present } = this.#scratch;
    const dictionary: string[] = [];
    const index = new Map<string, number>();
    const indexOfKey = Int32Array.from(texts, (text) => (text === undefined ? -1 : indexOf(index, dictionary, text)));
    if (!texts.includes(undefined)) {
      for (let row = 0; row < rows; row++) indices[row] = indexOfKey[keys[row]!]!;
      return { type: "text", dictionary, indices: indices.subarray(0, rows) };
    }
    let count = 0;
    for (let row = 0; row < rows; row++) {
      const at = indexOfKey[keys[row]!]!;
      present[row] = at < 0 ? 0 : 1;
      if (at >= 0) indices[count++] = at;
    }
    return { type: "text", dictionary, indices: indices.subarray(0, count), present: present.subarray(0, rows) };
  }

  #presentOnly(type: "timestamp" | "double", all: Float64Array): ColumnValues {
    const { rows } = this;
    const { values, present } = this.#scratch;
    let count = 0;
    for (let row = 0; row < rows; row++) {
      const value = all[row]!;
      present[row] = Number.isNaN(value) ? 0 : 1;
      if (present[row] === 1) values[count++] = value;
    }
    return { type, values: values.subarray(0, count), present: present.subarray(0, rows) };
  }
}

function indexOf(index: Map<string, number>, list: string[], text: string): number {
  let at = index.get(text);
  if (at === undefined) {
    at = list.push(text) - 1;
    index.set(text, at);
  }
  return at;
}
