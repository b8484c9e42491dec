export { createHistory, type History, type Trace } from "./assess.ts";
export { type ClockLimits, defaultClockLimits } from "./clock-limits.ts";
export { unknownDevice } from "./lanes.ts";
export { createPipeline, type PipelineOptions } from "./pipeline.ts";
export type { Road, RoadResult } from "./road.ts";
export { matchesTopic } from "./topic-filter.ts";
