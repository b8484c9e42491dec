import { type IntakeMessage, type Observation, refusal } from "@messnetz/model";
import { aMessage, anIntakeMessage, anObservation } from "@messnetz/testing";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** What the messages of one road came to. */
export interface ExampleMessages {
  readonly first: readonly IntakeMessage[];
  /** Published when the first are. */
  readonly later: readonly IntakeMessage[];
}

/**
 * Messages of two days and six things with everything that a store must tell apart: words and numbers, intervals, several results for one
 * instant, late and repeated ones, corrections, marks, and what goes to the quarantine, wholly or in part. `now`: of the last of them.
 */
export function exampleMessages(now: number): ExampleMessages {
  const start = now - 40 * hourMs;
  const observed = (datastream: string, at: number, more: Partial<Observation> = {}): Observation =>
    anObservation({ datastream, phenomenonTime: at, resultTime: at + 350, ...more });
  const received = (
    at: number,
    observations: readonly Observation[],
    more: Partial<IntakeMessage> = {},
  ): IntakeMessage => {
    const thing = observations[0]?.datastream.split("/")[0] ?? "weir-1";
    const source = thing.startsWith("b") ? "transport-door" : "waterworks-door";
    const payload = [{ bn: `dev:${thing}`, at }];
    return anIntakeMessage({
      message: aMessage({ source, topic: `town/${thing}`, receivedAt: at, payload }),
      device: `dev:${thing}`,
      day: new Date(at).toISOString().slice(0, 10),
      observations,
      ...more,
    });
  };
  const first: IntakeMessage[] = [];
  for (let n = 0; n < 160; n++) {
    const at = start + n * 15 * minuteMs;
    first.push(
      received(at, [
        observed("weir-1/water_level", at, { result: Math.sin(n / 7) + 2 }),
        observed("weir-1/rainfall.roof", at, { result: n % 5 === 0 ? 0.2 : 0, intervalStart: at - 15 * minuteMs }),
      ]),
      received(at + 1, [
        observed("bus-1/latitude", at, { result: 53.5 + n / 10_000 }),
        observed("bus-1/longitude", at, { result: 9.9 + n / 10_000 }),
        observed("bus-1/speed", at, { result: (n * 7) % 60 }),
      ]),
    );
    if (n % 8 === 0) {
      const state = ["free_flow", "heavy", "congested"][(n / 8) % 3]!;
      first.push(received(at + 2, [observed("bay-1/traffic_state", at, { result: state })]));
    }
  }
  const oddAt = now - 3 * hourMs;
  const odd = [
    // Three results of one datastream for one instant.
    received(
      oddAt,
      [0, 1, 2].map((ordinal) => observed("pump-1/power", oddAt, { ordinal, result: 100 + ordinal })),
    ),
    received(oddAt + 1, [
      observed("weir-2/water_level", oddAt, {
        result: -1e-9,
        quality: "suspect",
        checks: ["range", "clock"],
        deviceTime: 0,
      }),
    ]),
    received(oddAt + 2, [
      observed("weir-2/water_level", oddAt + minuteMs, { result: 99.5, quality: "bad", checks: ["range"] }),
    ]),
    received(oddAt + 3, [observed("bay-1/traffic_state.lane-2", oddAt, { result: 'heavy, "or not"; =1+1' })]),
    received(oddAt + 4, [], { repeated: false }),
    ...[0, 1, 2].map((n) =>
      received(oddAt + 5 + n, [], {
        refusals: [refusal("malformed", "expected JSON", `message ${n} with an umlaut: ü`)],
      }),
    ),
    received(oddAt + 9, [observed("bus-2/speed", oddAt, { result: 12 })], {
      refusals: [refusal("unknown_unit", "a unit", "furlong")],
    }),
  ];
  const levelAt = start + 5 * 15 * minuteMs;
  const later = [
    // A later decoding corrects, the same again is a duplicate, and a late one finds its place.
    received(now - 30, [observed("weir-1/water_level", levelAt, { result: 7.5, revision: 2 })]),
    received(now - 20, [observed("weir-1/water_level", levelAt + 15 * minuteMs, { result: 8 })], { repeated: true }),
    received(now - 10, [observed("weir-1/water_level", levelAt + minuteMs, { result: 1.5 })]),
  ];
  return { first: [...first, ...odd], later };
}
