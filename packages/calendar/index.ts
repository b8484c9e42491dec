export { baseColumnsOf, type CalendarColumn } from "./base-columns.ts";
export {
  type Boundary,
  type CalendarAggregate,
  calendarAggregateAt,
  type Extreme,
  sharesOf,
} from "./calendar-aggregate.ts";
export type { CalendarChunk } from "./calendar-chunk.ts";
export { type HeldUnit, heldUnit } from "./held-unit.ts";
export { type Lookaround, lookaround } from "./lookaround.ts";
export { createMerger, type MergeOptions, mergeWindows } from "./merger.ts";
export type { RegisterEvent, RegisterEventKind } from "./register.ts";
export { type BoundaryKind, boundaryKinds } from "./register-track.ts";
export { learnRhythm } from "./rhythm.ts";
export { type DatastreamTraits, heldRhythms } from "./traits.ts";
export {
  baseWindowMsOf,
  type CalendarWindow,
  type WindowName,
  windowNames,
  windowsOf,
  type WindowsQuery,
} from "./windows.ts";
export { CalendarError } from "./zone.ts";
