import type { IntakeBatch, IntakeMessage, Observation } from "@messnetz/model";

const start = 1_772_323_200_000;

export function observation(result: number, change: Partial<Observation> = {}): Observation {
  const phenomenonTime = start + result;
  return {
    datastream: "gauge-1/water_level",
    phenomenonTime,
    ordinal: 0,
    resultTime: phenomenonTime,
    result,
    quality: "good",
    checks: [],
    revision: 1,
    ...change,
  };
}

export function intakeMessage(results: readonly number[], change: Partial<IntakeMessage> = {}): IntakeMessage {
  return {
    message: { topic: "t", payload: new Uint8Array(), receivedAt: 0, source: "s" },
    device: "x:1",
    day: "2026-03-01",
    observations: results.map((result) => observation(result)),
    refusals: [],
    repeated: false,
    ...change,
  };
}

/** A batch of one message. */
export function batchOf(results: readonly number[], change: Partial<IntakeMessage> = {}): IntakeBatch {
  return { messages: [intakeMessage(results, change)], receipts: [], sessions: [] };
}
