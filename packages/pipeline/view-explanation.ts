import { toIso } from "@messnetz/model";
import type { ExplainedReading, Explanation } from "./explanation.ts";

export type ExplainedReadingView = Omit<ExplainedReading, "time" | "intervalStart" | "deviceTime"> & {
  /** ISO 8601, UTC; so are the others. */
  readonly time: string;
  readonly intervalStart?: string;
  readonly deviceTime?: string;
};

export type ExplanationView = Omit<Explanation, "readings"> & { readonly readings: readonly ExplainedReadingView[] };

/** As people and programs get it: instants in ISO 8601, and steps and bytes only where they are asked for. */
export function viewExplanation(explanation: Explanation, detail: "steps" | "readings"): ExplanationView {
  return {
    ...explanation,
    readings: explanation.readings.map((reading) => viewReading(reading, detail)),
    steps: detail === "steps" ? explanation.steps : [],
  };
}

function viewReading(
  { time, intervalStart, deviceTime, bytes, ...rest }: ExplainedReading,
  detail: "steps" | "readings",
): ExplainedReadingView {
  return {
    ...rest,
    ...(detail === "steps" && bytes !== undefined && { bytes }),
    time: toIso(time),
    ...(intervalStart !== undefined && { intervalStart: toIso(intervalStart) }),
    ...(deviceTime !== undefined && { deviceTime: toIso(deviceTime) }),
  };
}
