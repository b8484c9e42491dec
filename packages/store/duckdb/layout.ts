import type { DuckDBConnection } from "@duckdb/node-api";
import type { EpochMs } from "@messnetz/model";
import { type Month, monthStart } from "./month.ts";
import { loadPartStreams, PartStreams } from "./part-streams.ts";
import type { HotKind } from "./schema.ts";
import { StreamSet } from "./stream-set.ts";

export interface HotTable {
  readonly id: number;
  readonly kind: HotKind;
  readonly name: string;
  readonly month: Month;
  readonly generation: number;
}

/** A file of a closed month, with the datastreams from one place by name to another. */
export interface PartFile {
  /** Below the folder of months. */
  readonly name: string;
  /** Whether it holds aggregates by hour instead of observations. */
  readonly hours: boolean;
  readonly firstSeries: number;
  readonly lastSeries: number;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** A closed month: everything of its generation and of earlier ones, as far as nothing masks it. */
export interface Part {
  readonly month: Month;
  readonly revision: number;
  readonly generation: number;
  readonly rows: number;
  readonly closedAt: EpochMs;
  readonly files: readonly PartFile[];
  readonly streams: PartStreams;
}

/** Where the observations of one month lie. */
export interface MonthState {
  readonly month: Month;
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** What comes now belongs to it. */
  generation: number;
  hot: readonly HotTable[];
  part: Part | undefined;
  /** Highest generation whose corrections mask identities of earlier ones; 0: nothing is masked. */
  maskedBy: number;
  /** Datastreams with rows in the hot tables of a generation; without a set any may have. */
  readonly touched: Map<number, StreamSet>;
}

/** All months that have anything, in order. Synchronously what a query is made of is consistent with what was committed. */
export class Layout {
  readonly #months = new Map<Month, MonthState>();
  #sorted: readonly MonthState[] | undefined;

  get(month: Month): MonthState | undefined {
    return this.#months.get(month);
  }

  ensure(month: Month): MonthState {
    let state = this.#months.get(month);
    if (state === undefined) {
      const bounds = { from: monthStart(month), to: monthStart(month + 1) };
      state = { month, ...bounds, generation: 1, hot: [], part: undefined, maskedBy: 0, touched: new Map() };
      this.#months.set(month, state);
      this.#sorted = undefined;
    }
    return state;
  }

  /** Ascending. */
  all(): readonly MonthState[] {
    this.#sorted ??= [...this.#months.values()].sort((a, b) => a.month - b.month);
    return this.#sorted;
  }

  /** Those that have anything of the time. */
  within({ from, to }: { readonly from: EpochMs; readonly to: EpochMs }): readonly MonthState[] {
    return this.all().filter((state) => state.from < to && state.to > from);
  }
}

/** Whether the datastream may have rows in the month beside its files. */
export function isTouched(state: MonthState, stream: number): boolean {
  return state.hot.some(({ generation }) => state.touched.get(generation)?.has(stream) ?? true);
}

export function touch(state: MonthState, stream: number): void {
  let set = state.touched.get(state.generation);
  if (set === undefined) state.touched.set(state.generation, (set = new StreamSet()));
  set.add(stream);
}

async function loadParts(writer: DuckDBConnection, layout: Layout): Promise<void> {
  const files = new Map<Month, PartFile[]>();
  const listed = await writer.runAndReadAll(
    `SELECT month, name, hours, first_series, last_series, rows::DOUBLE, bytes::DOUBLE, sha256 FROM part_file
     ORDER BY month, hours, first_series`,
  );
  for (const [month, name, hours, firstSeries, lastSeries, rows, bytes, sha256] of listed.getRows()) {
    const of = files.get(Number(month)) ?? [];
    files.set(Number(month), of);
    of.push({
      name: String(name),
      hours: hours === true,
      firstSeries: Number(firstSeries),
      lastSeries: Number(lastSeries),
      rows: Number(rows),
      bytes: Number(bytes),
      sha256: String(sha256),
    });
  }
  const streams = await loadPartStreams(writer);
  const parts = await writer.runAndReadAll(
    "SELECT month, revision, generation, rows::DOUBLE, closed_at::DOUBLE FROM part",
  );
  for (const row of parts.getRows()) {
    const [month, revision, generation, rows, closedAt] = row.map(Number) as [number, number, number, number, number];
    const state = layout.ensure(month);
    const known = { files: files.get(month) ?? [], streams: streams.get(month) ?? new PartStreams() };
    state.part = { month, revision, generation, rows, closedAt, ...known };
    state.generation = Math.max(state.generation, generation + 1);
  }
}

/** What the database says of its months. */
export async function loadLayout(writer: DuckDBConnection): Promise<Layout> {
  const layout = new Layout();
  await loadParts(writer, layout);
  const hot = await writer.runAndReadAll("SELECT id, kind, month, generation FROM hot ORDER BY generation, id");
  for (const [id, kind, month, generation] of hot.getRows()) {
    const state = layout.ensure(Number(month));
    const table = { id: Number(id), kind: kind as HotKind, month: Number(month), generation: Number(generation) };
    state.hot = [...state.hot, { ...table, name: hotTableName(table.kind, table.id) }];
    state.generation = Math.max(state.generation, table.generation);
  }
  const masked = await writer.runAndReadAll("SELECT month, max(generation) FROM masked GROUP BY month");
  for (const [month, generation] of masked.getRows()) {
    const state = layout.ensure(Number(month));
    state.maskedBy = Number(generation);
    state.generation = Math.max(state.generation, state.maskedBy);
  }
  for (const state of layout.all()) await loadTouched(writer, state);
  return layout;
}

export function hotTableName(kind: HotKind, id: number): string {
  return `${kind}_${id}`;
}

/** Only of closed months: elsewhere nobody asks, and a hot table may be long. */
async function loadTouched(writer: DuckDBConnection, state: MonthState): Promise<void> {
  if (state.part === undefined) return;
  for (const { name, generation } of state.hot) {
    const set = state.touched.get(generation) ?? new StreamSet();
    state.touched.set(generation, set);
    const found = await writer.runAndReadAll(`SELECT DISTINCT datastream FROM ${name}`);
    for (const [stream] of found.getRows()) set.add(Number(stream));
  }
}
