import type { AggregateChunk, AggregateColumn, Drop, StateSpan } from "@messnetz/model";
import { kindOfDatastream } from "@messnetz/model";
import { addObservation, openWindow, type OpenWindow } from "../fold-window.ts";
import { hourCounts, hourNumbers } from "./hour-columns.ts";
import { hourMs } from "./hour-edge.ts";
import { createHourTable, filledNumbers, type HourTable, type WantedColumns } from "./hour-table.ts";

/** Rows `[begin, end)` of a table: those of one datastream. */
export type HourRun = readonly [table: HourTable, range: readonly [begin: number, end: number]];

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

/** The runs of a datastream as they come in time, or undefined where they overlap by more than the end of an hour. */
function inOrder(runs: readonly HourRun[]): readonly HourRun[] | undefined {
  if (runs.length === 1) return runs;
  const sorted = runs.toSorted(([a, [x]], [b, [y]]) => a.from[x]! - b.from[y]!);
  const isOrdered = sorted.every(([table, [begin]], n) => {
    const before = sorted[n - 1];
    if (before === undefined) return true;
    const last = before[0].from[before[1][1] - 1]!;
    return last < table.from[begin]! || (last === table.from[begin]! && isEnd({ table, row: begin }));
  });
  return isOrdered ? sorted : undefined;
}

/** Runs of a row each where they have to be mixed: of one hour, what is of its end comes after what is of the rest. */
function mixed(runs: readonly HourRun[]): readonly HourRun[] {
  const rows = runs.flatMap(([table, [begin, end]]) =>
    Array.from({ length: end - begin }, (_, at): Row => ({ table, row: begin + at })),
  );
  rows.sort((a, b) => fromOf(a) - fromOf(b) || Number(isEnd(a)) - Number(isEnd(b)));
  return rows.map(({ table, row }) => [table, [row, row + 1]]);
}

/** Columns of a chunk that is being put together. */
export class HourRows {
  readonly #filled: readonly AggregateColumn[];
  readonly #datastreams: string[] = [];
  readonly #datastream: Uint32Array;
  readonly #table: HourTable;
  readonly #drops = new Map<number, readonly Drop[]>();
  readonly #states = new Map<number, StateSpan>();
  #length = 0;

  constructor(capacity: number, wanted: WantedColumns) {
    this.#filled = filledNumbers(wanted);
    this.#table = createHourTable(capacity, wanted);
    this.#datastream = new Uint32Array(capacity);
  }

  /** Adds the datastream's rows of tables of which none has an hour of another one but for its end; false where that cannot be done exactly. */
  addStream(name: string, runs: readonly HourRun[]): boolean {
    const place = this.#datastreams.push(name) - 1;
    const begin = this.#length;
    if (runs.length === 1 && !hasEnds(runs[0]!)) this.#addRun(runs[0]!);
    else if (!this.#addJoined(name, inOrder(runs) ?? mixed(runs))) return false;
    this.#datastream.fill(place, begin, this.#length);
    return true;
  }

  /** Rows of one hour, which follow each other, become one. */
  #addJoined(name: string, runs: readonly HourRun[]): boolean {
    const ends: { readonly at: number; readonly rest: Row; readonly end: Row }[] = [];
    let rest: HourTable | undefined;
    let restRow = 0;
    for (const [table, [begin, end]] of runs) {
      const kept: number[] = [];
      for (let row = begin; row < end; row++) {
        if (rest === undefined || rest.from[restRow] !== table.from[row]) {
          rest = table;
          restRow = row;
          kept.push(row);
          continue;
        }
        const at = this.#length + kept.length - 1;
        const isThird = ends.at(-1)?.at === at;
        if (isThird || !isOne({ table, row }) || rest.states.has(restRow)) return false;
        ends.push({ at, rest: { table: rest, row: restRow }, end: { table, row } });
      }
      if (kept.length === end - begin) this.#addRun([table, [begin, end]]);
      else this.#addRows(table, kept);
    }
    for (const { at, rest: row, end } of ends) this.#put(at, withEnd(row, end, name));
    return true;
  }

  #addRun([table, [begin, end]]: HourRun): void {
    const at = this.#length;
    this.#table.from.set(table.from.subarray(begin, end), at);
    for (const [field] of hourCounts) this.#table[field].set(table[field].subarray(begin, end), at);
    for (const field of this.#filled) this.#table[field].set(table[field].subarray(begin, end), at);
    if (table.drops.size > 0 || table.states.size > 0)
      for (let row = begin; row < end; row++) this.#copySparse(table, row, at + row - begin);
    this.#length += end - begin;
  }

  #addRows(table: HourTable, rows: readonly number[]): void {
    const at = this.#length;
    pickCells(table.from, rows, this.#table.from.subarray(at));
    for (const [field] of hourCounts) pickCells(table[field], rows, this.#table[field].subarray(at));
    for (const field of this.#filled) pickCells(table[field], rows, this.#table[field].subarray(at));
    if (table.drops.size > 0 || table.states.size > 0)
      rows.forEach((row, n) => {
        this.#copySparse(table, row, at + n);
      });
    this.#length += rows.length;
  }

  #copySparse(table: HourTable, row: number, at: number): void {
    const drops = table.drops.get(row);
    const states = table.states.get(row);
    if (drops !== undefined) this.#drops.set(at, drops);
    if (states !== undefined) this.#states.set(at, states);
  }

  #put(at: number, window: OpenWindow): void {
    for (const [field] of hourCounts) this.#table[field][at] = window[field];
    for (const field of this.#filled) this.#table[field][at] = window[field];
    if (window.drops !== undefined) this.#drops.set(at, window.drops);
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

/** The table as a chunk, nothing copied: where it has these datastreams in their order, and no hour in two rows. */
export function asChunk(
  table: HourTable,
  streams: readonly { readonly id: number; readonly name: string }[],
): AggregateChunk | undefined {
  if (table.atEnd.includes(1)) return undefined;
  const datastreams: string[] = [];
  const datastream = new Uint32Array(table.length);
  let next = 0;
  for (const { id, name } of streams) {
    const range = table.ranges.get(id);
    if (range === undefined) continue;
    if (range[0] !== next) return undefined;
    datastream.fill(datastreams.push(name) - 1, ...range);
    next = range[1];
  }
  const { length, from, drops, states } = table;
  if (next !== length) return undefined;
  return {
    length,
    datastreams,
    datastream,
    from,
    ...pick(hourCounts, (field) => table[field]),
    ...pick(hourNumbers, (field) => table[field]),
    ...(drops.size === 0 ? {} : { drops }),
    ...(states.size === 0 ? {} : { states }),
  };
}

function pickCells<T extends Uint32Array | Float64Array>(from: T, rows: readonly number[], to: T): void {
  for (let n = 0; n < rows.length; n++) to[n] = from[rows[n]!]!;
}

function pick<F extends string, V>(fields: readonly (readonly [F, string])[], of: (field: F) => V): Record<F, V> {
  return Object.fromEntries(fields.map(([field]) => [field, of(field)])) as Record<F, V>;
}

function fromOf({ table, row }: Row): number {
  return table.from[row]!;
}

function hasEnds([{ atEnd }, [begin, end]]: HourRun): boolean {
  return atEnd.subarray(begin, end).includes(1);
}

/** A fold does not know which of its rows is an end only: the times tell. Of a row that is all `bad` nobody knows: such a pair is folded anew. */
function isEnd({ table, row }: Row): boolean {
  return table.atEnd[row] === 1 || table.firstTime[row] === table.from[row]! + hourMs;
}
