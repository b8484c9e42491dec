import { type AggregateChunk, type Drop, kindOfDatastream, type StateSpan } from "@messnetz/model";
import { foldWindows } from "../fold.ts";
import type { ObservationQuery } from "../port.ts";
import type { Holdings } from "./holdings.ts";
import { hourMs } from "./hour-edge.ts";
import { asChunk, HourRows, type HourRun } from "./hour-merge.ts";
import {
  createHourTable,
  hourCondition,
  hourSelection,
  type HourTable,
  readHourTable,
  toHourTable,
  type WantedColumns,
} from "./hour-table.ts";
import { isTouched, type MonthState } from "./layout.ts";
import type { Month } from "./month.ts";
import { readObservations } from "./read.ts";
import { boundsOf } from "./read-plan.ts";
import { filesWith, readFilesSql, seriesCondition, seriesOf } from "./source-sql.ts";
import type { Stream } from "./stream-index.ts";

/** Hours that are put together at once. While a reader has them the next ones are read. */
const maxRows = 131_072;
/** Of the first ones, for which a reader waits. */
const firstRows = 32_768;

interface Windows {
  readonly windowMs: number;
  readonly columns: WantedColumns;
}

interface Bounds {
  readonly from: number;
  readonly to: number;
}

/** Datastreams that follow each other by name, and the months that their aggregates by hour say all of. */
interface Group {
  readonly streams: Stream[];
  readonly covered: ReadonlySet<Month>;
}

/**
 * From the aggregates by hour of closed months where these say what the rows say, from the rows elsewhere: where the windows are not hours, where
 * something came late, in months that are open.
 */
export async function* aggregateObservations(
  holdings: () => Holdings,
  query: ObservationQuery,
  { windowMs, columns }: Windows,
): AsyncGenerator<AggregateChunk> {
  const { layout, streams } = holdings();
  const bounds = boundsOf(query);
  const closed = layout.within(bounds).filter(({ part }) => part !== undefined && part.files.length > 0);
  const isWhole = [bounds.from, bounds.to].every((time) => !Number.isFinite(time) || time % hourMs === 0);
  if (
    windowMs !== hourMs ||
    !isWhole ||
    query.after !== undefined ||
    query.limit !== undefined ||
    closed.length === 0
  ) {
    yield* foldWindows(readObservations(holdings, { query }), windowMs);
    return;
  }
  const hoursPerStream = closed.reduce((sum, state) => sum + hoursOf(state, bounds), 0);
  const perGroup = (rows: number): number => Math.max(1, Math.floor(rows / hoursPerStream));
  let ahead: Promise<AggregateChunk[]> | undefined;
  for (const group of groupStreams(streams.select(query), closed, perGroup)) {
    const rest = (): AsyncGenerator<AggregateChunk> => {
      const own = { ...query, datastreams: group.streams.map(({ name }) => name) };
      return foldWindows(
        readObservations(holdings, { query: own, months: ({ month }) => !group.covered.has(month) }),
        hourMs,
      );
    };
    const merged = group.covered.size > 0 && mergeGroup(holdings, { group, bounds, rest, query, columns });
    // Its failure is met when its turn comes; a reader that stops before needs no answer.
    if (merged !== false) merged.catch(() => undefined);
    if (ahead !== undefined) yield* await ahead;
    ahead = merged === false ? undefined : merged;
    if (merged === false) yield* rest();
  }
  if (ahead !== undefined) yield* await ahead;
}

function hoursOf({ from, to }: MonthState, bounds: Bounds): number {
  return Math.max(1, (Math.min(to, bounds.to) - Math.max(from, bounds.from)) / hourMs);
}

function* groupStreams(
  streams: readonly Stream[],
  closed: readonly MonthState[],
  perGroup: (rows: number) => number,
): Generator<Group> {
  let group: Group | undefined;
  let most = perGroup(firstRows);
  let signature = "";
  for (const stream of streams) {
    const covered = closed.filter((state) => saysAll(state, stream)).map(({ month }) => month);
    const own = covered.join(",");
    if (group !== undefined && signature === own && group.streams.length < most) {
      group.streams.push(stream);
      continue;
    }
    if (group !== undefined) {
      yield group;
      most = perGroup(maxRows);
    }
    group = { streams: [stream], covered: new Set(covered) };
    signature = own;
  }
  if (group !== undefined) yield group;
}

function saysAll(state: MonthState, { id }: Stream): boolean {
  return state.part?.streams.get(id)?.hours !== false && !isTouched(state, id);
}

interface MonthTask {
  readonly streams: readonly Stream[];
  readonly bounds: Bounds;
  readonly columns: WantedColumns;
}

interface MergeTask {
  readonly group: Group;
  readonly bounds: Bounds;
  readonly rest: () => AsyncGenerator<AggregateChunk>;
  readonly query: ObservationQuery;
  readonly columns: WantedColumns;
}

/** At once: a month that is closed anew in between would change what is covered. */
async function mergeGroup(
  holdings: () => Holdings,
  { group, bounds, rest, query, columns }: MergeTask,
): Promise<AggregateChunk[]> {
  const now = holdings();
  const months = now.layout.within(bounds).filter(({ month }) => group.covered.has(month));
  // Of one datastream all months are one question: each question costs more than its rows.
  const questions = group.streams.length === 1 && months.length > 0 ? [months] : months.map((state) => [state]);
  const read = await Promise.all(
    questions.map((states) => readMonths(now, states, { streams: group.streams, bounds, columns })),
  );
  const open: AggregateChunk[] = [];
  for await (const chunk of rest()) open.push(chunk);
  const folded = toHourTable(open, { wanted: columns, idOf: (name) => now.streams.find(name)!.id });
  const tables = [...read, folded].filter(({ length }) => length > 0);
  const whole = tables.length === 1 ? asChunk(tables[0]!, group.streams) : undefined;
  if (whole !== undefined) return [whole];
  const rows = new HourRows(
    tables.reduce((sum, { length }) => sum + length, 0),
    columns,
  );
  for (const { id, name } of group.streams) {
    const runs = tables.flatMap((table): HourRun[] => {
      const range = table.ranges.get(id);
      return range === undefined ? [] : [[table, range]];
    });
    if (runs.length > 0 && !rows.addStream(name, runs)) return foldAll(holdings, group, query);
  }
  const chunk = rows.finish();
  return chunk.length === 0 ? [] : [chunk];
}

async function foldAll(holdings: () => Holdings, group: Group, query: ObservationQuery): Promise<AggregateChunk[]> {
  const own = { ...query, datastreams: group.streams.map(({ name }) => name) };
  return Array.fromAsync(foldWindows(readObservations(holdings, { query: own }), hourMs));
}

/** Of one month, or of one datastream in several, ascending. */
async function readMonths(
  { engine, folder }: Holdings,
  states: readonly MonthState[],
  { streams, bounds, columns }: MonthTask,
): Promise<HourTable> {
  const places = states.map(({ part }) => seriesOf(part!, streams));
  const files = states.flatMap(({ part }, n) => filesWith(part!.files, places[n]!).filter(({ hours }) => hours));
  if (files.length === 0) return createHourTable(0, columns);
  const condition = [
    states.length === 1 ? seriesCondition(places[0]!) : streamCondition(streams[0]!, places.flat()),
    hourCondition({
      from: bounds.from > states[0]!.from ? bounds.from : Number.NEGATIVE_INFINITY,
      to: bounds.to < states.at(-1)!.to ? bounds.to : Number.POSITIVE_INFINITY,
    }),
  ]
    .filter((text) => text !== "")
    .join(" AND ");
  const from = `FROM ${readFilesSql(folder, files)} WHERE ${condition}`;
  const sparse = streams.some((stream) => hasSparse(stream)) ? engine.read(sparseSql(from)) : undefined;
  const table = readHourTable(await engine.read(`SELECT ${hourSelection(columns)} ${from}`), columns);
  if (sparse !== undefined) addSparse(table, await (await sparse).getRows());
  return table;
}

/** Its place by name is another one in each month; between the first and the last of them the statistics of the files find it. */
function streamCondition({ id }: Stream, places: readonly number[]): string {
  return `series BETWEEN ${Math.min(...places)} AND ${Math.max(...places)} AND number = ${id}`;
}

/** Whether there may be steps down or states. */
function hasSparse({ name, words }: Stream): boolean {
  const kind = kindOfDatastream(name);
  return words || kind === "counter" || kind === "state";
}

function sparseSql(from: string): string {
  return `SELECT number, epoch_ms(hour)::DOUBLE, at_end, drops, states ${from} AND (drops IS NOT NULL OR states IS NOT NULL)`;
}

function addSparse(table: HourTable, rows: readonly (readonly unknown[])[]): void {
  const cursors = new Map<number, number>();
  for (const [number, hour, atEnd, drops, states] of rows) {
    const [begin = 0, end = 0] = table.ranges.get(Number(number)) ?? [];
    let row = cursors.get(Number(number)) ?? begin;
    while (row < end && (table.from[row] !== Number(hour) || (table.atEnd[row] === 1) !== atEnd)) row += 1;
    cursors.set(Number(number), row);
    // Written by ourselves, from values of these types.
    if (typeof drops === "string") table.drops.set(row, JSON.parse(drops) as Drop[]);
    if (typeof states === "string") table.states.set(row, toStateSpan(states));
  }
}

function toStateSpan(text: string): StateSpan {
  const { durations, ...ends } = JSON.parse(text) as Omit<StateSpan, "durations"> & { durations: [string, number][] };
  return { ...ends, durations: new Map(durations) };
}
