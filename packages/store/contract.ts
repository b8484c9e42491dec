export { describeEmbeddedStore, type EmbeddedHarness } from "./embedded-store-contract.ts";
export { describeObservationStore, type OpenedStore } from "./observation-store-contract.ts";
