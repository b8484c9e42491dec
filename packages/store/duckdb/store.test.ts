import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { describeEmbeddedStore } from "../embedded-store-contract.ts";
import { describeObservationStore } from "../observation-store-contract.ts";
import { openDuckDbStore } from "./store.ts";

const root = await mkdtemp(join(tmpdir(), "messnetz-store-"));
afterAll(() => rm(root, { recursive: true }));
let opened = 0;
const emptyDirectory = () => join(root, String(opened++));

describeObservationStore("DuckDB", () =>
  openDuckDbStore({ directory: emptyDirectory(), quarantine: { maxBytes: 1000, maxAgeMs: 1000 } }),
);
describeObservationStore("DuckDB without a memory of identities", () =>
  openDuckDbStore({ directory: emptyDirectory(), quarantine: { maxBytes: 1000, maxAgeMs: 1000 }, recentIdentities: 0 }),
);
const directories = new WeakMap<object, string>();
describeEmbeddedStore("DuckDB", {
  async open(options) {
    const directory = emptyDirectory();
    const store = await openDuckDbStore({ ...options, directory });
    directories.set(store, directory);
    return store;
  },
  async reopen(store, options) {
    const directory = directories.get(store)!;
    await store.close();
    const again = await openDuckDbStore({ ...options, directory });
    directories.set(again, directory);
    return again;
  },
});
