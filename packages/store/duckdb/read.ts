import { join } from "node:path";
import type { DuckDBMaterializedResult } from "@duckdb/node-api";
import type { ObservationChunk } from "@messnetz/model";
import { compareText } from "../order.ts";
import type { ObservationQuery } from "../port.ts";
import { createChunkFiller, type FilledChunk, rowsPerChunk } from "./chunk-filler.ts";
import type { Holdings } from "./holdings.ts";
import type { MonthState, PartFile } from "./layout.ts";
import { createRowBuffer, observationSelection, type RowBuffer } from "./observation-columns.ts";
import { afterCondition, boundsOf, isSorted, planSlices, type ReadScope, type Slice, statesOf } from "./read-plan.ts";
import { commonPlain, noneIsPlain, type PlainValues } from "./plain-columns.ts";
import { fileLiteral, observationFiles, observationsSql } from "./source-sql.ts";
import type { Stream } from "./stream-index.ts";

function restrict(streams: readonly Stream[], query: ObservationQuery): readonly Stream[] {
  const { after } = query;
  return after === undefined ? streams : streams.filter(({ name }) => compareText(name, after.datastream) >= 0);
}

/**
 * Each slice is one query that is fetched to its end at once: no transaction stays open while the reader thinks. Without a limit the
 * next slice is fetched while the reader has one.
 */
export async function* readObservations(holdings: () => Holdings, scope: ReadScope): AsyncGenerator<ObservationChunk> {
  const { query, signal } = scope;
  signal?.throwIfAborted();
  const now = holdings();
  const selected = restrict(now.streams.select(query), query);
  if (selected.length === 0) return;
  const reader = { holdings, ...scope, buffers: createBuffers() };
  const slices = planSlices(now, selected, scope);
  if (query.limit === undefined) yield* readAhead(reader, slices);
  else yield* readLimited(reader, slices, query.limit);
}

interface Reader extends ReadScope {
  readonly holdings: () => Holdings;
  readonly buffers: Buffers;
}

/** Room for chunks, used again and again where the reader allows it: new memory of this size costs as much as filling it. */
interface Buffers {
  readonly free: RowBuffer[];
  take(rows: number): RowBuffer;
}

const leastRows = 2048;

function createBuffers(): Buffers {
  const free: RowBuffer[] = [];
  return {
    free,
    take: (rows) => free.pop() ?? createRowBuffer(Math.min(rowsPerChunk, Math.max(leastRows, rows))),
  };
}

/** The query is made of the layout as it is in the moment in which it begins: what it names stays until it has ended. */
async function readSlice(reader: Reader, slice: Slice, limit: number): Promise<readonly FilledChunk[]> {
  const { holdings, query, signal, buffers } = reader;
  const { streams, from, to } = slice;
  const { after } = query;
  const first = streams[0]!;
  const isInside = after !== undefined && first.name === after.datastream;
  // The key as a bound lets whole files and row groups be skipped.
  const begin = isInside && streams.length === 1 ? Math.max(from, after.phenomenonTime) : from;
  const statesNow = () => statesOf(holdings().layout, { ...slice, from: begin, months: reader.months });
  const asked = slice.rows < manyRows ? undefined : filesOf(statesNow(), streams);
  const known = asked && (await askPlain(holdings(), asked));
  const { engine, folder } = holdings();
  const states = statesNow();
  const plain = known !== undefined && areSame(filesOf(states, streams), asked!) ? known : noneIsPlain;
  const rows = observationsSql({ within: () => states }, folder, { from: begin, to, streams });
  const words = streams.some((stream) => stream.words) ? ", word" : "";
  const condition = isInside ? `WHERE ${afterCondition(first, after)}` : "";
  const atMost = Number.isFinite(limit) ? `LIMIT ${limit}` : "";
  const filler = createChunkFiller(streams, { plain, bufferOf: () => buffers.take(slice.rows) });
  await engine.stream(
    `SELECT ${observationSelection(plain)}${words} FROM ${rows} ${ordered(states, streams, condition)} ${atMost}`,
    filler.add,
    signal,
  );
  return filler.end();
}

/** Fewer are read sooner than footers. */
const manyRows = 16_384;

/** Columns with one value in all the files. */
async function askPlain({ plainColumns, folder }: Holdings, files: readonly PartFile[]): Promise<PlainValues> {
  try {
    return commonPlain(
      await Promise.all(files.map((file) => plainColumns(file, fileLiteral(join(folder, file.name))))),
    );
  } catch {
    // Whatever is wrong with a file, reading its rows tells; it may just have been replaced.
    return noneIsPlain;
  }
}

function areSame(files: readonly PartFile[] | undefined, asked: readonly PartFile[]): boolean {
  return files?.length === asked.length && files.every((file, at) => file === asked[at]);
}

/** The files that have all rows of the slice; undefined where others are in hot tables. */
function filesOf(states: readonly MonthState[], streams: readonly Stream[]): readonly PartFile[] | undefined {
  if (states.some(({ part, hot }) => part === undefined || hot.length > 0)) return undefined;
  return states.flatMap(({ part }) => observationFiles(part!, streams));
}

/** What follows FROM. Files of closed months are in order already, and DuckDB keeps that of rows and of parts of a UNION ALL. */
function ordered(states: readonly MonthState[], streams: readonly Stream[], condition: string): string {
  if (isSorted(states, streams)) return condition;
  if (streams.length === 1) return `${condition} ORDER BY time, ordinal`;
  // Numbers are given in order of first use, names sort otherwise: `rank` is the place by name.
  const ranks = streams.map(({ id }, rank) => `(${id}, ${rank})`).join(",");
  return `JOIN (VALUES ${ranks}) AS ranked(id, rank) ON ranked.id = datastream ${condition} ORDER BY rank, time, ordinal`;
}

async function* readLimited(
  reader: Reader,
  slices: AsyncIterable<Slice>,
  limit: number,
): AsyncGenerator<ObservationChunk> {
  let left = limit;
  if (left <= 0) return;
  for await (const slice of slices) {
    for (const { chunk } of await readSlice(reader, slice, left)) {
      left -= chunk.length;
      yield chunk;
    }
    if (left <= 0) return;
  }
}

/** Slices that are fetched while the reader has one: DuckDB works on the second while the first is copied. */
const slicesAhead = 2;

async function* readAhead(reader: Reader, slices: AsyncIterable<Slice>): AsyncGenerator<ObservationChunk> {
  const ahead: Promise<readonly FilledChunk[]>[] = [];
  for await (const slice of slices) {
    const next = readSlice(reader, slice, Number.POSITIVE_INFINITY);
    // Its failure is met when its turn comes; a reader that stops before needs no answer.
    next.catch(() => undefined);
    ahead.push(next);
    if (ahead.length > slicesAhead) yield* handOver(reader, await ahead.shift()!);
  }
  for (const next of ahead) yield* handOver(reader, await next);
}

function* handOver({ passing, buffers }: Reader, filled: readonly FilledChunk[]): Generator<ObservationChunk> {
  for (const { chunk, buffer } of filled) {
    yield chunk;
    if (passing !== true) continue;
    buffer.word.length = 0;
    buffers.free.push(buffer);
  }
}

export async function* chunksOf(
  result: DuckDBMaterializedResult,
  { streams }: { readonly streams: readonly Pick<Stream, "id" | "name">[] },
): AsyncGenerator<ObservationChunk> {
  const filler = createChunkFiller(streams);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    filler.add(chunk);
    for (const full of filler.take()) yield full.chunk;
  }
  for (const last of filler.end()) yield last.chunk;
}

/** How many the query selects. */
export async function countObservations(holdings: () => Holdings, query: ObservationQuery): Promise<number> {
  if (query.limit !== undefined || query.after !== undefined) {
    let count = 0;
    for await (const chunk of readObservations(holdings, { query })) count += chunk.length;
    return count;
  }
  const { engine, layout, folder, streams } = holdings();
  const selected = streams.select(query);
  if (selected.length === 0) return 0;
  const rows = observationsSql(layout, folder, { ...boundsOf(query), streams: selected });
  const result = await engine.read(`SELECT count(*)::DOUBLE FROM ${rows}`);
  return Number((await result.getRows())[0]?.[0]);
}
