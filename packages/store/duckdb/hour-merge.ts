import type { AggregateChunk, Drop, StateSpan } from "@messnetz/model";
import { kindOfDatastream } from "@messnetz/model";
import { addObservation, openWindow, type OpenWindow } from "../fold-window.ts";
import { hourCounts, hourNumbers } from "./hour-columns.ts";
import { hourMs } from "./hour-edge.ts";
import { createHourTable, type HourTable } from "./hour-table.ts";

/** A row of a table. */
interface Row {
  readonly table: HourTable;
  readonly row: number;
}

/** Whether the row is one number and nothing else: then it can be added to what came before it as the observation that it is. */
function isOne({ table, row }: Row): boolean {
  return table.count[row]! + table.bad[row]! === 1 && !table.states.has(row) && !table.drops.has(row);
}

/** The hour of `rest` with the one amount that ends with it. */
function withEnd(rest: Row, end: Row, name: string): OpenWindow {
  const { table, row } = rest;
  const window: OpenWindow = openWindow(table.from[row]!);
  for (const [field] of hourCounts) window[field] = table[field][row]!;
  for (const [field] of hourNumbers) window[field] = table[field][row]!;
  const drops = table.drops.get(row);
  if (drops !== undefined) window.drops = [...drops];
  window.bad += end.table.bad[end.row]!;
  if (end.table.bad[end.row]! > 0) return window;
  const time = window.from + hourMs;
  window.suspect += end.table.suspect[end.row]!;
  const intervalStart = time - end.table.coveredMs[end.row]!;
  const value = end.table.last[end.row]!;
  addObservation(window, { time, value, word: undefined, intervalStart }, kindOfDatastream(name));
  return window;
}

/** Columns of a chunk that is being put together. */
export class HourRows {
  readonly #datastreams: string[] = [];
  readonly #datastream: Uint32Array;
  readonly #table: HourTable;
  readonly #drops = new Map<number, readonly Drop[]>();
  readonly #states = new Map<number, StateSpan>();
  #length = 0;

  constructor(capacity: number) {
    this.#table = createHourTable(capacity);
    this.#datastream = new Uint32Array(capacity);
  }

  /** Adds the datastream's rows of tables of which none has an hour of another one but for its end; false where that cannot be done exactly. */
  addStream(name: string, parts: readonly (readonly [HourTable, readonly [number, number]])[]): boolean {
    this.#datastreams.push(name);
    const isPlain = parts.length === 1 && !hasEnds(parts[0]![0], parts[0]![1]);
    if (isPlain) {
      this.#addRun(parts[0]![0], parts[0]![1]);
      return true;
    }
    const rows = parts.flatMap(([table, [begin, end]]) =>
      Array.from({ length: end - begin }, (_, at): Row => ({ table, row: begin + at })),
    );
    // Of one hour, what is of its end comes after what is of the rest; the rest's table has all of its hour, the end's has a single instant.
    rows.sort((a, b) => fromOf(a) - fromOf(b) || endOrder(a) - endOrder(b));
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at]!;
      const next = rows[at + 1];
      if (next === undefined || fromOf(next) !== fromOf(row)) {
        this.#addRun(row.table, [row.row, row.row + 1]);
        continue;
      }
      const third = rows[at + 2];
      const isMore = third !== undefined && fromOf(third) === fromOf(row);
      if (isMore || !isOne(next) || row.table.states.has(row.row)) return false;
      this.#addWindow(withEnd(row, next, name));
      at += 1;
    }
    return true;
  }

  #addRun(table: HourTable, [begin, end]: readonly [number, number]): void {
    const at = this.#length;
    this.#table.from.set(table.from.subarray(begin, end), at);
    for (const [field] of hourCounts) this.#table[field].set(table[field].subarray(begin, end), at);
    for (const [field] of hourNumbers) this.#table[field].set(table[field].subarray(begin, end), at);
    this.#datastream.fill(this.#datastreams.length - 1, at, at + end - begin);
    this.#copySparse(table, begin, end);
    this.#length += end - begin;
  }

  #copySparse(table: HourTable, begin: number, end: number): void {
    if (table.drops.size === 0 && table.states.size === 0) return;
    for (let row = begin; row < end; row++) {
      const at = this.#length + row - begin;
      const drops = table.drops.get(row);
      const states = table.states.get(row);
      if (drops !== undefined) this.#drops.set(at, drops);
      if (states !== undefined) this.#states.set(at, states);
    }
  }

  #addWindow(window: OpenWindow): void {
    const at = this.#length++;
    this.#table.from[at] = window.from;
    for (const [field] of hourCounts) this.#table[field][at] = window[field];
    for (const [field] of hourNumbers) this.#table[field][at] = window[field];
    if (window.drops !== undefined) this.#drops.set(at, window.drops);
    this.#datastream[at] = this.#datastreams.length - 1;
  }

  finish(): AggregateChunk {
    const length = this.#length;
    const table = this.#table;
    return {
      length,
      datastreams: this.#datastreams,
      datastream: this.#datastream.subarray(0, length),
      from: table.from.subarray(0, length),
      ...pick(hourCounts, (field) => table[field].subarray(0, length)),
      ...pick(hourNumbers, (field) => table[field].subarray(0, length)),
      ...(this.#drops.size === 0 ? {} : { drops: this.#drops }),
      ...(this.#states.size === 0 ? {} : { states: this.#states }),
    };
  }
}

function pick<F extends string, V>(fields: readonly (readonly [F, string])[], of: (field: F) => V): Record<F, V> {
  return Object.fromEntries(fields.map(([field]) => [field, of(field)])) as Record<F, V>;
}

function fromOf({ table, row }: Row): number {
  return table.from[row]!;
}

function hasEnds({ atEnd }: HourTable, [begin, end]: readonly [number, number]): boolean {
  return atEnd.subarray(begin, end).includes(1);
}

/** A fold does not know which of its rows is an end only: the times tell. Of a row that is all `bad` nobody knows: such a pair is folded anew. */
function endOrder({ table, row }: Row): number {
  return table.atEnd[row] === 1 || table.firstTime[row] === table.from[row]! + hourMs ? 1 : 0;
}
