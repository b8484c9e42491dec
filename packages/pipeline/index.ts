export { createHistory, type History, type Trace } from "./assess.ts";
export { type ClockLimits, defaultClockLimits } from "./clock-limits.ts";
export { explain, type ExplainOptions } from "./explain.ts";
export * from "./explanation.ts";
export { unknownDevice } from "./lanes.ts";
export { createPipeline, type PipelineOptions } from "./pipeline.ts";
export type { Delivery, Road, RoadResult } from "./road.ts";
export { matchesTopic } from "./topic-filter.ts";
export * from "./view-explanation.ts";
