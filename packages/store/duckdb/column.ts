import bindings, { type Vector } from "@duckdb/node-bindings";
import {
  BIGINT,
  BLOB,
  DATE,
  DOUBLE,
  type DuckDBType,
  INTEGER,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} from "@duckdb/node-api";

/** Cells of one column, staged in typed arrays and copied into DuckDB's vectors in one go: a cell costs a few nanoseconds. */
export interface Column {
  readonly type: DuckDBType;
  /** Makes room for `rows` rows, keeping what is there. */
  reserve(rows: number): void;
  /** Copies `count` rows from row `from` (a multiple of 64) into the vector. */
  copyTo(vector: Vector, from: number, count: number): void;
  /** Forgets all rows. */
  clear(): void;
}

type Cells =
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

function enlarged<C extends Cells>(cells: C, length: number): C {
  const larger = new (cells.constructor as new (length: number) => C)(length);
  larger.set(cells);
  return larger;
}

/** DuckDB's validity mask: bit set = value present. Until the first null there is none. */
class Validity {
  #bits: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #nulls = 0;

  reserve(rows: number): void {
    const bytes = Math.ceil(rows / 64) * 8;
    if (this.#bits.length >= bytes) return;
    const larger = new Uint8Array(bytes).fill(0xff);
    larger.set(this.#bits);
    this.#bits = larger;
  }

  setNull(row: number): void {
    this.#bits[row >> 3]! &= ~(1 << (row & 7));
    this.#nulls += 1;
  }

  setValid(row: number): void {
    if (this.#nulls > 0) this.#bits[row >> 3]! |= 1 << (row & 7);
  }

  copyTo(vector: Vector, from: number, count: number): void {
    if (this.#nulls === 0) return;
    bindings.vector_ensure_validity_writable(vector);
    bindings.copy_data_to_vector_validity(vector, 0, this.#bits.buffer, from >> 3, Math.ceil(count / 64) * 8);
  }

  clear(): void {
    if (this.#nulls > 0) this.#bits.fill(0xff);
    this.#nulls = 0;
  }
}

class FixedColumn<C extends Cells> implements Column {
  readonly type: DuckDBType;
  protected cells: C;
  protected readonly validity = new Validity();
  readonly #cellsPerRow: number;

  constructor(type: DuckDBType, cells: C, cellsPerRow = 1) {
    this.type = type;
    this.cells = cells;
    this.#cellsPerRow = cellsPerRow;
  }

  reserve(rows: number): void {
    if (this.cells.length < rows * this.#cellsPerRow) this.cells = enlarged(this.cells, rows * this.#cellsPerRow);
    this.validity.reserve(rows);
  }

  setNull(row: number): void {
    this.validity.setNull(row);
  }

  copyTo(vector: Vector, from: number, count: number): void {
    const rowBytes = this.cells.BYTES_PER_ELEMENT * this.#cellsPerRow;
    bindings.copy_data_to_vector(vector, 0, this.cells.buffer, from * rowBytes, count * rowBytes);
    this.validity.copyTo(vector, from, count);
  }

  clear(): void {
    this.validity.clear();
  }
}

class NumberColumn extends FixedColumn<Cells> {
  set(row: number, value: number): void {
    this.cells[row] = value;
    this.validity.setValid(row);
  }

  get(row: number): number {
    return this.cells[row]!;
  }
}

const twoTo32 = 4_294_967_296;

/** Safe integers as two halves of 32 bits (little endian, as every platform that DuckDB ships for): no BigInt on the way. */
class Int64Column extends FixedColumn<Int32Array<ArrayBuffer>> {
  set(row: number, value: number): void {
    this.cells[2 * row] = value | 0;
    this.cells[2 * row + 1] = Math.floor(value / twoTo32);
    this.validity.setValid(row);
  }

  get(row: number): number {
    return (this.cells[2 * row]! >>> 0) + this.cells[2 * row + 1]! * twoTo32;
  }
}

/** Text and bytes: one native call a cell, so only for what has to be text. */
class HeapColumn<V extends string | Uint8Array> implements Column {
  readonly type: DuckDBType;
  readonly #assign: (vector: Vector, index: number, value: V) => void;
  readonly #cells: (V | undefined)[] = [];
  readonly #validity = new Validity();

  constructor(type: DuckDBType, assign: (vector: Vector, index: number, value: V) => void) {
    this.type = type;
    this.#assign = assign;
  }

  reserve(rows: number): void {
    this.#validity.reserve(rows);
  }

  set(row: number, value: V): void {
    this.#cells[row] = value;
    this.#validity.setValid(row);
  }

  setNull(row: number): void {
    this.#cells[row] = undefined;
    this.#validity.setNull(row);
  }

  copyTo(vector: Vector, from: number, count: number): void {
    for (let index = 0; index < count; index++) {
      const cell = this.#cells[from + index];
      if (cell !== undefined) this.#assign(vector, index, cell);
    }
    this.#validity.copyTo(vector, from, count);
  }

  clear(): void {
    this.#cells.length = 0;
    this.#validity.clear();
  }
}

/** The short call ends at the first NUL, as text in C does. */
function assignText(vector: Vector, index: number, text: string): void {
  if (text.includes("\0")) bindings.vector_assign_string_element_len(vector, index, Buffer.from(text));
  else bindings.vector_assign_string_element(vector, index, text);
}

export const columns = {
  int32: () => new NumberColumn(INTEGER, new Int32Array(0)),
  uint32: () => new NumberColumn(UINTEGER, new Uint32Array(0)),
  uint16: () => new NumberColumn(USMALLINT, new Uint16Array(0)),
  uint8: () => new NumberColumn(UTINYINT, new Uint8Array(0)),
  float64: () => new NumberColumn(DOUBLE, new Float64Array(0)),
  /** Days since 1970-01-01. */
  date: () => new NumberColumn(DATE, new Int32Array(0)),
  int64: () => new Int64Column(BIGINT, new Int32Array(0), 2),
  text: () => new HeapColumn<string>(VARCHAR, assignText),
  bytes: () => new HeapColumn<Uint8Array>(BLOB, bindings.vector_assign_string_element_len),
};
