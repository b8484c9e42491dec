import type { DuckDBConnection } from "@duckdb/node-api";
import type { Month } from "./month.ts";

const hasWords = 1;
const hasHours = 2;

export interface PartStream {
  /** Its place by name among the datastreams of the month. */
  readonly series: number;
  readonly rows: number;
  /** Some result is a word. */
  readonly words: boolean;
  /** Its aggregates by hour say what its rows say. */
  readonly hours: boolean;
}

export function traitsOf({ words, hours }: Pick<PartStream, "words" | "hours">): number {
  return (words ? hasWords : 0) | (hours ? hasHours : 0);
}

/** Which datastreams a closed month has, by their numbers: nine bytes each. */
export class PartStreams {
  /** Series + 1, 0 where there is none. */
  #places = new Uint32Array(64);
  #rows = new Uint32Array(64);
  #traits = new Uint8Array(64);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  set(stream: number, known: PartStream): void {
    if (stream >= this.#places.length) this.#grow(stream + 1);
    if (this.#places[stream] === 0) this.#count += 1;
    this.#places[stream] = known.series + 1;
    this.#rows[stream] = known.rows;
    this.#traits[stream] = traitsOf(known);
  }

  get(stream: number): PartStream | undefined {
    const place = this.#places[stream] ?? 0;
    if (place === 0) return undefined;
    const traits = this.#traits[stream]!;
    return {
      series: place - 1,
      rows: this.#rows[stream]!,
      words: (traits & hasWords) !== 0,
      hours: (traits & hasHours) !== 0,
    };
  }

  rowsOf(stream: number): number {
    return this.#rows[stream] ?? 0;
  }

  #grow(length: number): void {
    const size = Math.max(length, 2 * this.#places.length);
    const [places, rows, traits] = [this.#places, this.#rows, this.#traits];
    this.#places = new Uint32Array(size);
    this.#rows = new Uint32Array(size);
    this.#traits = new Uint8Array(size);
    this.#places.set(places);
    this.#rows.set(rows);
    this.#traits.set(traits);
  }
}

export async function loadPartStreams(writer: DuckDBConnection): Promise<Map<Month, PartStreams>> {
  const found = new Map<Month, PartStreams>();
  const result = await writer.runAndReadAll("SELECT month, datastream, series, rows, traits FROM part_stream");
  for (const row of result.getRows()) {
    const [month, stream, series, rows, traits] = row.map(Number) as [number, number, number, number, number];
    let of = found.get(month);
    if (of === undefined) found.set(month, (of = new PartStreams()));
    of.set(stream, { series, rows, words: (traits & hasWords) !== 0, hours: (traits & hasHours) !== 0 });
  }
  return found;
}
