export { createDirectBus, type Committing, type DirectBusOptions } from "./direct.ts";
export type { LiveEvent } from "./live-queue.ts";
export * from "./port.ts";
