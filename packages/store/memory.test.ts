import { describeEmbeddedStore } from "./embedded-store-contract.ts";
import { describeObservationStore } from "./observation-store-contract.ts";
import { createMemoryStore } from "./memory.ts";

describeObservationStore("memory", () =>
  Promise.resolve(createMemoryStore({ quarantine: { maxBytes: 1000, maxAgeMs: 1000 } })),
);
describeEmbeddedStore("memory", {
  open: (options) => Promise.resolve(createMemoryStore(options)),
  reopen: (store) => Promise.resolve(store),
});
