import type { ObservationStore } from "@messnetz/store";
import {
  type ExportFigures,
  measureExport,
  type QuestionFigures,
  type Serving,
  timeHttp,
  timeStore,
} from "./measure-queries.ts";
import type { QueryData } from "./query-data.ts";
import { chooseExport, questionsOf } from "./query-questions.ts";

export interface QueryOptions {
  readonly observations: number;
  /** Of the exports, at the most. */
  readonly exportRows: number;
  readonly formats: readonly string[];
  /** Keeps what was filled, and asks what is there already. */
  readonly folder?: string;
  readonly say: (text: string) => void;
}

export interface QueryFigures {
  readonly store: string;
  readonly observations: number;
  readonly datastreams: number;
  /** Absent where the files are not ours. */
  readonly bytesPerObservation?: number;
  readonly questions: readonly QuestionFigures[];
  readonly exports: readonly ExportFigures[];
}

interface Asked extends Pick<QueryOptions, "exportRows" | "formats" | "say"> {
  readonly data: QueryData;
  /** The store alone, for as long as the task takes. */
  withStore<T>(task: (store: ObservationStore) => Promise<T>): Promise<T>;
  /** A process that has served nothing yet, for as long as the task takes. */
  whileServing<T>(task: (serving: Serving) => Promise<T>): Promise<T>;
}

/** All questions to a store that is filled, then the same and the exports by HTTP. */
export async function askStore(asked: Asked): Promise<Pick<QueryFigures, "datastreams" | "questions" | "exports">> {
  const { data, exportRows, formats, say, withStore, whileServing } = asked;
  const questions = questionsOf(data);
  say("  questions to the store alone");
  const { timed, chosen } = await withStore(async (store) => ({
    timed: await timeStore(questions, store),
    chosen: await chooseExport(data, {
      wanted: exportRows,
      count: (properties) => store.count({ properties, interval: data.month }),
    }),
  }));
  say("  the same by HTTP");
  const answered = await whileServing((serving) => timeHttp(questions, serving, timed));
  const exports: ExportFigures[] = [];
  for (const format of formats) {
    say(`  ${chosen.rows.toLocaleString("en")} observations as ${format}`);
    exports.push(await whileServing((serving) => measureExport(serving, { format, ...chosen })));
  }
  return { datastreams: data.datastreams.length, questions: answered, exports };
}
