import type { Interval } from "@messnetz/model";
import type { ObservationStore } from "@messnetz/store";
import type { QueryData } from "./query-data.ts";

/** One thing that people ask, of the store and by HTTP. `run`: counts the rounds, each of which asks about another datastream. */
export interface Question {
  readonly name: string;
  /** Of the answer by HTTP, on the embedded store. */
  readonly targetMs?: number;
  /** Gives how many rows or windows came. */
  ask(store: Pick<ObservationStore, "read" | "aggregate" | "latest">, run: number): Promise<number>;
  path(run: number): string;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const manyProperty = "water_volume";
const many = 1000;

/** What operators and analysts ask, each with its target. */
export function questionsOf({ datastreams, yearly, month, months }: QueryData): readonly Question[] {
  const year = { from: months[0]!.from, to: month.to };
  const daysOfMonth = (month.to - month.from) / dayMs;
  /** A prime stride: neighbours in a round are not neighbours in a file. */
  const oneOf = (run: number): string => datastreams[(run * 1709 + 977) % datastreams.length]!;
  const ofYear = (run: number): string => yearly[run % yearly.length]!;
  const dayOf = (run: number): Interval => {
    const from = month.from + ((run * 7 + 3) % daysOfMonth) * dayMs;
    return { from, to: from + dayMs };
  };
  const meters = datastreams.filter((name) => name.endsWith(`/${manyProperty}`)).slice(0, many);
  return [
    {
      name: "latest of all",
      targetMs: 20,
      ask: async (store) => (await store.latest({})).length,
      path: () => "latest",
    },
    {
      name: "one day of one, raw",
      targetMs: 20,
      ask: (store, run) => lengthOf(store.read({ datastreams: [oneOf(run)], interval: dayOf(run) })),
      path: (run) => `observations?datastream=${oneOf(run)}&${spanOf(dayOf(run))}&limit=10000`,
    },
    {
      name: "one month of one by hour",
      ask: (store, run) => lengthOf(store.aggregate({ datastreams: [oneOf(run)], interval: month }, hourMs)),
      path: (run) => `aggregates?datastream=${oneOf(run)}&${spanOf(month)}&window=hour`,
    },
    {
      name: "one year of one by day",
      targetMs: 50,
      ask: (store, run) => lengthOf(store.aggregate({ datastreams: [ofYear(run)], interval: year }, hourMs)),
      path: (run) => `aggregates?datastream=${ofYear(run)}&${spanOf(year)}&window=day`,
    },
    {
      name: `one month of ${meters.length.toLocaleString("en")} by day`,
      targetMs: 500,
      ask: (store) => lengthOf(store.aggregate({ datastreams: meters, interval: month }, hourMs)),
      path: () => `aggregates?property=${manyProperty}&${spanOf(month)}&window=day&limit=${many}`,
    },
    {
      name: "map with newest values",
      ask: async (store) => (await store.latest({})).length,
      path: () => "features?limit=10000",
    },
  ];
}

function spanOf({ from, to }: Interval): string {
  return `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
}

async function lengthOf(chunks: AsyncIterable<{ readonly length: number }>): Promise<number> {
  let rows = 0;
  for await (const { length } of chunks) rows += length;
  return rows;
}

/** Properties whose month is an export of so many observations, or as near as there are; and how many these are. */
export async function chooseExport(
  { month, datastreams }: QueryData,
  { wanted, count }: { readonly wanted: number; readonly count: (properties: readonly string[]) => Promise<number> },
): Promise<{ readonly rows: number; readonly query: string }> {
  const properties = [...new Set(datastreams.map((name) => name.split("/")[1]!.split(".")[0]!))];
  const chosen: string[] = [];
  let rows = 0;
  for (const property of properties) {
    const more = await count([property]);
    if (rows + more > wanted * 1.05) continue;
    chosen.push(property);
    rows += more;
  }
  return { rows, query: `property=${chosen.join(",")}&${spanOf(month)}` };
}
