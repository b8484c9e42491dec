import { setTimeout as delay } from "node:timers/promises";
import type { ObservationStore } from "@messnetz/store";
import { askHttp } from "./ask-http.ts";
import { cpuSeconds, memoryMb, restartPeak } from "./process-figures.ts";
import type { Question } from "./query-questions.ts";

/** Of several rounds, in ms. */
export interface Rounds {
  readonly median: number;
  readonly slowest: number;
}

export interface QuestionFigures {
  readonly name: string;
  readonly targetMs?: number;
  /** Rows or windows that the store gave in the last round, and bytes by HTTP. */
  readonly rows: number;
  readonly bytes: number;
  readonly store: Rounds;
  readonly http: Rounds;
}

export interface ExportFigures {
  readonly format: string;
  readonly rows: number;
  readonly seconds: number;
  readonly bytes: number;
  /** Of the serving process, above what it had before. */
  readonly extraMb: number;
  readonly cpuSeconds: number;
}

/** A process that answers by HTTP. */
export interface Serving {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
}

/** A question is asked so often, or for so long. */
const mostRounds = 25;
const leastRounds = 5;
const enoughMs = 5000;

async function timeRounds(task: (run: number) => Promise<unknown>): Promise<Rounds> {
  const times: number[] = [];
  const start = performance.now();
  for (let run = 0; run < mostRounds && (run < leastRounds || performance.now() - start < enoughMs); run++) {
    const begin = performance.now();
    await task(run);
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  return { median: times[Math.floor(times.length / 2)]!, slowest: times.at(-1)! };
}

export type Timed = { readonly rows: number; readonly store: Rounds };

/** The store alone. The first round is one of them: it finds nothing read yet. */
export async function timeStore(
  questions: readonly Question[],
  store: Pick<ObservationStore, "read" | "aggregate" | "latest">,
): Promise<readonly Timed[]> {
  const all: Timed[] = [];
  for (const question of questions) {
    let rows = 0;
    const times = await timeRounds(async (run) => (rows = await question.ask(store, run)));
    all.push({ rows, store: times });
  }
  return all;
}

/** The same by HTTP. */
export async function timeHttp(
  questions: readonly Question[],
  { url, token }: Serving,
  timed: readonly Timed[],
): Promise<readonly QuestionFigures[]> {
  const all: QuestionFigures[] = [];
  for (const [n, question] of questions.entries()) {
    let bytes = 0;
    const http = await timeRounds(async (run) => (bytes = await askHttp(`${url}/api/v1/${question.path(run)}`, token)));
    const { name, targetMs } = question;
    all.push({ name, ...(targetMs !== undefined && { targetMs }), ...timed[n]!, bytes, http });
  }
  return all;
}

const settleMs = 1500;

/** One file, read to its end and thrown away, from a process that has served nothing yet. */
export async function measureExport(
  { pid, url, token }: Serving,
  chosen: { readonly format: string; readonly rows: number; readonly query: string },
): Promise<ExportFigures> {
  const { format, rows, query } = chosen;
  await delay(settleMs);
  restartPeak(pid);
  const before = { mb: memoryMb(pid).now, cpu: cpuSeconds(pid) };
  const begin = performance.now();
  const bytes = await askHttp(`${url}/api/v1/observations/export?format=${format}&${query}`, token);
  return {
    format,
    rows,
    bytes,
    seconds: (performance.now() - begin) / 1000,
    extraMb: memoryMb(pid).most - before.mb,
    cpuSeconds: cpuSeconds(pid) - before.cpu,
  };
}
