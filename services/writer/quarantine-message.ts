import type { BadElement } from "@messnetz/bus";
import { type IntakeMessage, type Observation, refusal } from "@messnetz/model";
import type { PlacedRow } from "./placed-rows.ts";
import type { StreamMessage } from "./ports.ts";

/** Stands as the source of what no credential brought: no credential can have this id. */
const busSource = "_bus";

const encoder = new TextEncoder();

/** A message of the bus that nobody can read, with its raw bytes. Whose it was is unknown. */
export function fromPoison(message: StreamMessage, reason: string, day: string): IntakeMessage {
  const { subject, payload, publishedAt } = message;
  const expected = "an array of observations with a Messnetz-Messages header, as docs/asyncapi.yaml says";
  return {
    message: { topic: subject, payload, receivedAt: publishedAt, source: busSource },
    device: "",
    day,
    observations: [],
    refusals: [refusal("malformed", expected, reason)],
    repeated: false,
  };
}

/** An element that is no observation. Its row counts the message. */
export function fromBadElement({ message, row }: PlacedRow, { json, reason }: BadElement): IntakeMessage {
  return {
    message: {
      topic: message.subject,
      payload: encoder.encode(json),
      receivedAt: message.publishedAt,
      source: row.source,
    },
    device: row.device,
    day: row.day,
    observations: [unreadable],
    refusals: [refusal("malformed", "an observation as docs/schemas/observations.v1.json says", reason)],
    repeated: false,
  };
}

/** An observation that the store refuses for ever. Its row counts the message. */
export function fromRefused({ message, row }: PlacedRow, observation: Observation, reason: string): IntakeMessage {
  return {
    message: {
      topic: message.subject,
      payload: encoder.encode(JSON.stringify(observation)),
      receivedAt: observation.resultTime,
      source: row.source,
    },
    device: row.device,
    day: row.day,
    observations: [observation],
    refusals: [
      {
        ...refusal("store_refused", "an observation that the store can take", reason),
        reading: observation.datastream,
      },
    ],
    repeated: false,
  };
}

/** Says that the message has observations beside what is refused: they are counted where they are written. */
export const unreadable: Observation = {
  datastream: "",
  phenomenonTime: 0,
  ordinal: 0,
  resultTime: 0,
  result: 0,
  quality: "bad",
  checks: [],
  revision: 0,
};
