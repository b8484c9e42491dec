import { type Observation, type RawMessage, refusal } from "@messnetz/model";
import type { RoadResult } from "@messnetz/pipeline";

/** A road for trials: the payload `{"device","time","value"}`, all optional but the value. */
export function trialRoad(message: RawMessage): RoadResult {
  const nothing = { device: "", observations: [], refusals: [], receiptTimed: false, adopted: [] };
  let content: { device?: string; time?: number; value?: number };
  try {
    content = JSON.parse(Buffer.from(message.payload).toString()) as typeof content;
  } catch {
    return { ...nothing, refusals: [refusal("malformed", "JSON", "something else")] };
  }
  if (typeof content?.value !== "number") return nothing;
  const device = content.device ?? "trial:1";
  const observation: Observation = {
    datastream: `${device}/level`,
    phenomenonTime: content.time ?? message.receivedAt,
    ordinal: 0,
    resultTime: message.receivedAt,
    result: content.value,
    quality: "good",
    checks: [],
    revision: 1,
  };
  return { ...nothing, device, observations: [observation], receiptTimed: content.time === undefined };
}
