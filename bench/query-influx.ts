import { domains } from "@messnetz/model";
import { openRegion, type Region } from "@messnetz/region";
import { influxConfigSchema, openInfluxStore, readInfluxAddress } from "@messnetz/store";
import { createTemporaryFolder } from "@messnetz/testing";
import { askStore, type QueryFigures, type QueryOptions } from "./ask-store.ts";
import type { Serving } from "./measure-queries.ts";
import { createQueryData } from "./query-data.ts";
import { putTown, withoutLimits } from "./query-store.ts";

/** InfluxDB with the same observations, asked alone and through the API process of a region. Always filled anew. */
export async function measureInfluxQueries(options: QueryOptions): Promise<QueryFigures> {
  const { observations, say } = options;
  const data = createQueryData({ observations, now: Date.now() });
  await using folder = await createTemporaryFolder();
  let token = "";
  const region = await openRegion({
    dataDirectory: folder.path,
    sectors: [{ name: "all", domains }],
    variables: { api: withoutLimits },
    async prepare(registry) {
      token = await putTown(registry, data);
    },
  });
  try {
    const domainOfThing = new Map(data.town.things.map(({ id, domain }) => [id, domain]));
    const store = await openInfluxStore({
      ...(await readInfluxAddress(influxConfigSchema.parse(region.influx.writer))),
      domainOf: (thing) => domainOfThing.get(thing) ?? "environment",
    });
    try {
      const begin = performance.now();
      let written = 0;
      for (const month of data.months) {
        for (const batch of data.batches(month)) {
          await store.write(batch);
          written += batch.length;
        }
      }
      say(`    ${written.toLocaleString("en")} observations after ${Math.round((performance.now() - begin) / 1000)} s`);
      const figures = await askStore({
        ...options,
        data,
        withStore: (task) => task(store),
        whileServing: async (task) => task(await freshApi(region, token)),
      });
      return { ...figures, store: `InfluxDB ${region.influx.version}`, observations: written };
    } finally {
      await store.close();
    }
  } finally {
    await region.close();
  }
}

/** The API's process, started anew: it has learnt the newest of every datastream and answered nothing. */
async function freshApi(region: Region, token: string): Promise<Serving> {
  const api = region.part("api");
  await api.restart();
  if (api.pid === undefined) throw new Error(`expected the API to run:\n${api.tail(20).join("\n")}`);
  return { pid: api.pid, url: region.url, token };
}
