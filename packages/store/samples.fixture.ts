import type {
  AggregateChunk,
  IntakeBatch,
  IntakeMessage,
  Observation,
  ObservationChunk,
  Refusal,
} from "@messnetz/model";
import { observationAt } from "@messnetz/model";

/** 2026-03-01T00:00:00Z */
export const start = 1_772_323_200_000;
export const minuteMs = 60_000;

export function observation(change: Partial<Observation> = {}): Observation {
  const phenomenonTime = change.phenomenonTime ?? start;
  return {
    datastream: "gauge-1/water_level",
    phenomenonTime,
    ordinal: 0,
    resultTime: phenomenonTime + 500,
    result: 1.25,
    quality: "good",
    checks: [],
    revision: 1,
    ...change,
  };
}

/** `count` observations a minute apart, 0, 1, 2, ... */
export function series(datastream: string, count: number, from = start): Observation[] {
  return Array.from({ length: count }, (_, n) =>
    observation({ datastream, phenomenonTime: from + n * minuteMs, result: n }),
  );
}

export function message(
  change: Partial<Omit<IntakeMessage, "message">> & { message?: Partial<IntakeMessage["message"]> } = {},
): IntakeMessage {
  return {
    device: "senml:gauge-1",
    day: "2026-03-01",
    observations: [],
    refusals: [],
    repeated: false,
    ...change,
    message: {
      topic: "town/gauge-1",
      payload: Buffer.from("[]"),
      receivedAt: start,
      source: "waterworks",
      ...change.message,
    },
  };
}

export function batch(...messages: IntakeMessage[]): IntakeBatch {
  return { messages, receipts: [], sessions: [] };
}

export const unknownUnit: Refusal = {
  code: "unknown_unit",
  expected: "a UCUM unit",
  came: "furlong",
  reading: "level",
};

export async function collect(chunks: AsyncIterable<ObservationChunk>): Promise<Observation[]> {
  const rows: Observation[] = [];
  for await (const chunk of chunks) for (let row = 0; row < chunk.length; row++) rows.push(observationAt(chunk, row));
  return rows;
}

/** Rows of aggregates as objects, however they were cut into chunks. Columns that say nothing (0, NaN, absent) are left out. */
export async function aggregateRows(chunks: AsyncIterable<AggregateChunk>): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const { length, datastreams, datastream, drops, states, ...columns } of chunks) {
    for (let row = 0; row < length; row++) {
      const said = Object.entries(columns).map(([name, column]) => [name, column[row]!] as const);
      rows.push({
        datastream: datastreams[datastream[row]!],
        ...Object.fromEntries(said.filter(([, value]) => value !== 0 && !Number.isNaN(value))),
        ...(drops?.has(row) === true ? { drops: drops.get(row) } : {}),
        ...(states?.has(row) === true ? { states: states.get(row) } : {}),
      });
    }
  }
  return rows;
}

export async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
