import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openEmbeddedRegistry, type Registry } from "@messnetz/registry";
import { type EmbeddedStore, openDuckDbStore } from "@messnetz/store";
import type { QueryData } from "./query-data.ts";

/** How much a folder holds, and when it was filled. */
export interface FilledFolder {
  readonly observations: number;
  readonly now: number;
  readonly token: string;
}

const noteFile = "bench.json";
/** Of a token: a benchmark asks for more in a minute than anybody may. */
export const withoutLimits = {
  MESSNETZ_HTTP_COST_PER_MINUTE: "1000000000000",
  MESSNETZ_HTTP_REQUESTS_PER_MINUTE: "1000000",
};

const tellEvery = 10_000_000;

/** What an earlier run left; undefined where there is nothing. */
export async function readFilledFolder(folder: string): Promise<FilledFolder | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, noteFile), "utf8")) as FilledFolder;
  } catch {
    return undefined;
  }
}

/** Fills an empty folder by the doors of the embedded store and registry, each month closed when it is over. */
export async function fillFolder(
  folder: string,
  options: {
    readonly data: QueryData;
    readonly observations: number;
    readonly now: number;
    readonly say: (text: string) => void;
  },
): Promise<FilledFolder> {
  const { data, observations, now, say } = options;
  await mkdir(folder, { recursive: true });
  const registry = await openEmbeddedRegistry({ dataDir: folder });
  const token = await putTown(registry, data);
  await registry.close();
  const store = await openBenchStore(folder);
  try {
    let written = 0;
    const begin = performance.now();
    const seconds = (): string => `${Math.round((performance.now() - begin) / 1000)} s`;
    for (const month of data.months) {
      for (const batch of data.batches(month)) {
        await store.observations.write(batch);
        if (Math.floor(written / tellEvery) < Math.floor((written + batch.length) / tellEvery))
          say(`    ${Math.round((written + batch.length) / 1e6)} million observations after ${seconds()}`);
        written += batch.length;
      }
      await store.months.close();
    }
    say(`    ${written.toLocaleString("en")} observations written, and their months closed, after ${seconds()}`);
  } finally {
    await store.close();
  }
  const filled = { observations, now, token };
  await writeFile(join(folder, noteFile), JSON.stringify(filled), { mode: 0o600 });
  return filled;
}

/** As a town opens it. */
export function openBenchStore(directory: string): Promise<EmbeddedStore> {
  return openDuckDbStore({ directory, quarantine: { maxBytes: 1_000_000, maxAgeMs: 86_400_000 } });
}

/** Puts the simulated town into a registry and issues a token that sees all of it. */
export async function putTown(registry: Registry, { town }: QueryData): Promise<string> {
  await registry.apply([
    ...town.operators.map((operator) => ({ kind: "put-operator" as const, operator })),
    ...town.things.map((thing) => ({ kind: "put-thing" as const, thing })),
    ...town.devices.map((device) => ({ kind: "put-device" as const, device })),
  ]);
  const { token } = await registry.issueToken({ name: "bench", operator: "*", scopes: ["read", "export"] });
  return token;
}
