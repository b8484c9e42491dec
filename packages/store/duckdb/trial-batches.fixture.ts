import type { IntakeBatch, IntakeMessage, Observation } from "@messnetz/model";
import type { EmbeddedStoreOptions } from "../port.ts";
import { message, observation, start, unknownUnit } from "../samples.fixture.ts";

/** The same in the process that is killed and in the one that looks at what is left: no clock. */
export const trialOptions: EmbeddedStoreOptions = {
  quarantine: { maxBytes: 20_000, maxAgeMs: 86_400_000 },
  clock: () => start,
};

const messagesPerBatch = 20;

function observationsOf(n: number): Observation[] {
  const late = n % 5 === 4 ? 3_600_000 : 0;
  const phenomenonTime = start + n * 1000 - late;
  const rows = n % 400 === 0 ? 2500 : 3;
  return Array.from({ length: rows }, (_, k) =>
    observation({ datastream: `thing-${n % 7}/x.${k}`, phenomenonTime, resultTime: start + n * 1000, result: n }),
  );
}

function trialMessage(n: number): IntakeMessage {
  const repeats = n % 6 === 5 ? n - 30 : n;
  const refusals = n % 9 === 8 ? [unknownUnit] : [];
  return message({
    device: `x:${n % 7}`,
    repeated: repeats !== n,
    observations: n % 11 === 10 || repeats < 0 ? [] : observationsOf(repeats),
    refusals,
    message: { payload: Buffer.from(`payload ${n}`), receivedAt: start + n },
  });
}

/** Batch number `n`: new, late, repeated, refused messages, a receipt and an open packet id; sometimes much at once. */
export function trialBatch(n: number): IntakeBatch {
  const client = "s1/client";
  return {
    messages: Array.from({ length: messagesPerBatch }, (_, at) => trialMessage(n * messagesPerBatch + at)),
    sessions: [
      n === 0
        ? { kind: "opened", client, expiryMs: 1000, at: start }
        : { kind: "released", client, packetId: (n - 1) % 65_535 },
    ],
    receipts: [
      { client, packetId: n % 65_535, payloadHash: `hash ${n}`, receivedAt: start + n, qos: 1 },
      { client, packetId: n % 65_535, payloadHash: "", receivedAt: start + n, qos: 2 },
    ],
  };
}
