import type { ObservationChunk } from "@messnetz/model";

export const hourMs = 3_600_000;

/**
 * Whether the observation is an amount whose interval ends with an hour: it belongs to that hour, and its phenomenon time to the next
 * one. Whether a query that ends there wants it is another question than whether it wants the rest of the hour.
 */
export function endsWithHour(chunk: ObservationChunk, row: number): boolean {
  return !Number.isNaN(chunk.intervalStart[row]!) && chunk.phenomenonTime[row]! % hourMs === 0;
}

/** The chunk itself where all rows are wanted. */
export function pickRows(chunk: ObservationChunk, isWanted: (row: number) => boolean): ObservationChunk {
  const rows: number[] = [];
  for (let row = 0; row < chunk.length; row++) if (isWanted(row)) rows.push(row);
  if (rows.length === chunk.length) return chunk;
  const uint32 = (column: Uint32Array) => Uint32Array.from(rows, (row) => column[row]!);
  const float64 = (column: Float64Array) => Float64Array.from(rows, (row) => column[row]!);
  const uint8 = (column: Uint8Array) => Uint8Array.from(rows, (row) => column[row]!);
  return {
    length: rows.length,
    datastreams: chunk.datastreams,
    datastream: uint32(chunk.datastream),
    phenomenonTime: float64(chunk.phenomenonTime),
    intervalStart: float64(chunk.intervalStart),
    ordinal: uint32(chunk.ordinal),
    resultTime: float64(chunk.resultTime),
    value: float64(chunk.value),
    ...(chunk.word === undefined ? {} : { word: rows.map((row) => chunk.word![row]) }),
    quality: uint8(chunk.quality),
    checks: uint8(chunk.checks),
    revision: uint32(chunk.revision),
    deviceTime: float64(chunk.deviceTime),
  };
}
