import { Runs } from "./runs.ts";
import { numberColumn, type TableChunk, type TableShape, type TextColumn, textColumn } from "./table.ts";

/** A column is encoded in a millisecond or two, and a reader of one column still reads long stretches. */
export const maxBatchRows = 65_536;
/** Of all columns: 16 MB of doubles. A wide table has shorter batches for it. */
const maxBatchCells = 1 << 21;

/**
 * Texts of a batch, as runs of rows with the same one: sorted rows have few. A run's entry is its index in the dictionary, negative where it is
 * absent. The dictionary is in order of appearance.
 */
export interface BatchText {
  readonly kind: "text";
  readonly runs: Runs;
  readonly dictionary: string[];
}

/** NaN is absent. */
export interface BatchNumbers {
  readonly kind: "numbers";
  readonly values: Float64Array;
}

/**
 * Rows on their way into a format that is written in stretches of many rows, column by column. How long a batch is depends on the shape
 * alone: the same rows give the same batches, however they were cut into chunks.
 */
export class TableBatch {
  rows = 0;
  readonly capacity: number;
  readonly columns: readonly (BatchText | BatchNumbers)[];
  readonly #known: readonly Map<string, number>[];
  readonly #cuts = new Map<TextColumn["keys"], Uint32Array>();

  constructor({ columns }: TableShape) {
    this.capacity = Math.min(maxBatchRows, 2 ** Math.floor(Math.log2(maxBatchCells / Math.max(1, columns.length))));
    this.columns = columns.map(({ type }) =>
      type === "text"
        ? { kind: "text", runs: new Runs(this.capacity), dictionary: [] }
        : { kind: "numbers", values: new Float64Array(this.capacity) },
    );
    this.#known = columns.map(() => new Map());
  }

  /** Takes rows from `first` on until the batch is full; returns the next row of the chunk. */
  take(chunk: TableChunk, first: number): number {
    const end = Math.min(chunk.length, first + this.capacity - this.rows);
    this.#cuts.clear();
    for (const [at, column] of this.columns.entries()) {
      if (column.kind === "text") this.#takeTexts(column, textColumn(chunk, at), { at, first, end });
      else column.values.set(numberColumn(chunk, at).subarray(first, end), this.rows);
    }
    this.rows += end - first;
    return end;
  }

  /** Empties it for the next rows. */
  clear(): void {
    this.rows = 0;
    for (const column of this.columns) {
      if (column.kind !== "text") continue;
      column.dictionary.length = 0;
      column.runs.clear();
    }
    for (const known of this.#known) known.clear();
  }

  #takeTexts({ runs, dictionary }: BatchText, { keys, texts }: TextColumn, { at, first, end }: Stretch): void {
    const known = this.#known[at]!;
    const indexOfKey = new Int32Array(texts.length).fill(unknown);
    let begin = first;
    for (const cut of this.#cutsOf(keys, first, end)) {
      const key = keys[begin]!;
      let index = indexOfKey[key]!;
      if (index === unknown) {
        const text = texts[key];
        index = text === undefined ? absent : (known.get(text) ?? dictionary.push(text) - 1);
        if (text !== undefined) known.set(text, index);
        indexOfKey[key] = index;
      }
      runs.add(index, cut - begin);
      begin = cut;
    }
  }

  /** Where rows of another key begin, and the end. Columns share keys. */
  #cutsOf(keys: TextColumn["keys"], first: number, end: number): Uint32Array {
    const known = this.#cuts.get(keys);
    if (known !== undefined) return known;
    const cuts = new Uint32Array(end - first);
    let count = 0;
    for (let row = first + 1; row < end; row++) if (keys[row] !== keys[row - 1]) cuts[count++] = row;
    if (end > first) cuts[count++] = end;
    const made = cuts.subarray(0, count);
    this.#cuts.set(keys, made);
    return made;
  }
}

const unknown = -2;
const absent = -1;

interface Stretch {
  readonly at: number;
  readonly first: number;
  readonly end: number;
}

/** The table in batches. The one batch is filled anew each time: it is to be used up before the next is asked for. */
export async function* batchesOf(shape: TableShape, chunks: AsyncIterable<TableChunk>): AsyncIterable<TableBatch> {
  const batch = new TableBatch(shape);
  for await (const chunk of chunks) {
    for (let row = 0; row < chunk.length;) {
      row = batch.take(chunk, row);
      if (batch.rows < batch.capacity) continue;
      yield batch;
      batch.clear();
    }
  }
  if (batch.rows > 0) yield batch;
}
