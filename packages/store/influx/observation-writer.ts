import type { Observation } from "@messnetz/model";
import type { RefusedObservation } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { lookUpIdentities } from "./identity-lookup.ts";
import { createFieldWriter } from "./line-protocol.ts";
import { learnMore } from "./newest.ts";
import { createLineSender } from "./line-sender.ts";
import type { InfluxEvent, PreparedWrite } from "./options.ts";
import { decide, lookAt, type PlannedLine, type WritePlan } from "./plan.ts";
import { domainTag, prefixIn, type Streams } from "./streams.ts";

export interface ObservationWriterParts {
  readonly connection: Connection;
  readonly generation: 1 | 2;
  readonly streams: Streams;
  domainOf(thing: string): string;
  onEvent(event: InfluxEvent): void;
}

export interface ObservationWriter {
  prepare(observations: readonly Observation[]): Promise<PreparedWrite>;
}

/** The writing half of the store: what is newer than all of its datastream is new without a question, the rest is looked up. */
export function createObservationWriter(parts: ObservationWriterParts): ObservationWriter {
  const { connection, streams, domainOf, onEvent } = parts;
  const sender = createLineSender(connection, parts.generation);

  const { toFields, toCorrectingFields } = createFieldWriter();

  function toLine({ stream, observation, corrects }: PlannedLine): string {
    return corrects === undefined
      ? prefixIn(stream, domainTag(domainOf(stream.thing))) + toFields(observation)
      : prefixIn(stream, corrects.domain) + toCorrectingFields(observation);
  }

  async function write(plan: WritePlan): Promise<{ readonly refused: readonly RefusedObservation[] }> {
    const { lines } = plan;
    let atServer: readonly RefusedObservation[] = [];
    try {
      atServer = await sender.send(lines, toLine);
    } catch (error) {
      // Some may be stored: until a write goes well, all are looked up.
      for (const { stream } of lines) stream.isUnsure = true;
      throw error;
    }
    const gone = new Set(atServer.map(({ index }) => index));
    for (const { index, stream, observation } of lines) {
      stream.isUnsure = false;
      if (gone.size === 0 || !gone.has(index)) streams.observe(stream, observation);
    }
    const refused = [...plan.refused, ...atServer].sort((a, b) => a.index - b.index);
    const [first] = refused;
    if (first !== undefined) onEvent({ kind: "refused", count: refused.length, reason: first.reason });
    return { refused };
  }

  return {
    async prepare(observations) {
      const look = lookAt(observations, streams);
      const unsure = [...look.contested].filter((stream) => stream.isUnsure);
      // What an unanswered write has stored is found and not written again: nothing else would make it known.
      if (unsure.length > 0) await learnMore(connection, streams, unsure);
      const stored =
        look.wanted.length === 0 ? new Map<never, never>() : await lookUpIdentities(connection, streams, look.wanted);
      const plan = decide(observations, look, stored);
      return { fates: plan.fates, write: () => write(plan) };
    },
  };
}
