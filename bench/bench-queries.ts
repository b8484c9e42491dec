import { join } from "node:path";
import { createTemporaryFolder } from "@messnetz/testing";
import { askStore, type QueryFigures, type QueryOptions } from "./ask-store.ts";
import { bytesBelow } from "./process-figures.ts";
import { createQueryData } from "./query-data.ts";
import { fillFolder, openBenchStore, readFilledFolder, withoutLimits } from "./query-store.ts";
import { startTownProcess } from "./town-process.ts";

const stopMs = 60_000;

/** The embedded store with a month of 10,000 datastreams and a year of a few, asked alone and through a town's API. */
export async function measureQueries(options: QueryOptions): Promise<QueryFigures> {
  const { say } = options;
  await using temporary = options.folder === undefined ? await createTemporaryFolder() : undefined;
  const folder = join(options.folder ?? temporary!.path, "duckdb");
  const filled = await readFilledFolder(folder);
  const { observations, now } = filled ?? { observations: options.observations, now: Date.now() };
  const data = createQueryData({ observations, now });
  const { token } = filled ?? (await fillFolder(folder, { data, observations, now, say }));
  let all = 0;
  const figures = await askStore({
    ...options,
    data,
    async withStore(task) {
      const store = await openBenchStore(folder);
      try {
        all = await store.observations.count({});
        return await task(store.observations);
      } finally {
        await store.close();
      }
    },
    async whileServing(task) {
      const town = await startTownProcess(folder, { env: withoutLimits });
      try {
        return await task({ pid: town.child.pid, url: town.url, token });
      } finally {
        await town.child.stop(stopMs);
      }
    },
  });
  return { ...figures, store: "DuckDB", observations: all, bytesPerObservation: (await bytesBelow(folder)) / all };
}
