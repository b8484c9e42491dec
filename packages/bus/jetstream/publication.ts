import { randomBytes, randomUUID } from "node:crypto";
import { type IntakeBatch, type IntakeMessage, type IntakeResult, noOutcomes, type Outcome } from "@messnetz/model";
import { type NatsLink, publishDurably, UnacknowledgedError } from "@messnetz/nats";
import { findPublished } from "./find-published.ts";
import { busHeaders, observationSchemaName, observationStream, observationSubject } from "./observation-stream.ts";
import { type KeepingFate, packParcels, type Parcel } from "./parcels.ts";

/** Where messages that were refused go. */
export interface QuarantineKeeper {
  /**
   * Resolves when they are durable, with what became of each. Repeated with the same message objects after a failure it says the same as the
   * first time would have.
   */
  keep(
    messages: readonly IntakeMessage[],
    domainOf: (message: IntakeMessage) => string,
  ): Promise<readonly ("kept" | "known" | "full")[]>;
}

/** The door's memory of deliveries; all resolve when durable, and may be repeated. */
export interface DeliveryLog {
  receipts(receipts: IntakeBatch["receipts"]): Promise<void>;
  sessions(changes: IntakeBatch["sessions"]): Promise<void>;
  seen(deliveries: NonNullable<IntakeBatch["deliveries"]>): Promise<void>;
}

export interface PublicationOptions {
  readonly link: NatsLink;
  readonly instance: string;
  readonly domainOf: (message: IntakeMessage) => string;
  readonly quarantine: QuarantineKeeper;
  readonly deliveries: DeliveryLog;
  readonly onStored: (seq: number) => void;
}

/** One batch on its way, remembered over its tries: what is durable is not sent again, what may be is sent with the same id. */
export interface Publication {
  run(batch: IntakeBatch): Promise<IntakeResult>;
}

/** Of what the server takes in all; the rest is for the other headers. */
const bodyShare = 0.8;
const rowsShare = 0.15;
/** Above it bodies are cut even where the server would take more: a writer holds several of them. */
const maxBodyBytes = 1_000_000;
/** JetStream refuses headers above 64 KiB (JSMaxHeaderSize). */
const maxRowsBytes = 60_000;
const bracketsBytes = 2;

export function createPublication(options: PublicationOptions): Publication {
  const { link, quarantine, deliveries, domainOf } = options;
  const id = `${options.instance}-${randomUUID()}`;
  const traceparent = `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`;
  const stored = new Set<Parcel>();
  /** When a parcel was sent first, of those that may be stored without our hearing of it. */
  const attempted = new Map<Parcel, number>();
  let receiptsDone = false;
  let fates: ReadonlyMap<IntakeMessage, KeepingFate> | undefined;
  let parcels: readonly Parcel[] | undefined;

  async function keepRefused(messages: readonly IntakeMessage[]): Promise<ReadonlyMap<IntakeMessage, KeepingFate>> {
    const refused = messages.filter(({ refusals }) => refusals.length > 0);
    if (refused.length === 0) return new Map();
    const answers = await quarantine.keep(refused, domainOf);
    return new Map(refused.map((message, index) => [message, answers[index]]));
  }

  async function send(parcel: Parcel, index: number): Promise<void> {
    if (stored.has(parcel)) return;
    const seq = (await findEarlier(parcel, index)) ?? (await publish(parcel, index));
    stored.add(parcel);
    options.onStored(seq);
  }

  /** After a long outage the server has forgotten our ids: sent again, the parcel would be there twice, and its messages be counted twice. */
  async function findEarlier(parcel: Parcel, index: number): Promise<number | undefined> {
    const since = attempted.get(parcel);
    if (since === undefined) return undefined;
    if (!link.isConnected()) throw new UnacknowledgedError("expected a connection to NATS, it is lost");
    const source = { stream: observationStream, subject: observationSubject(parcel.domain) };
    return findPublished(link, source, { messageId: `${id}-${index}`, since });
  }

  async function publish(parcel: Parcel, index: number): Promise<number> {
    if (!attempted.has(parcel)) attempted.set(parcel, Date.now());
    const { seq } = await publishDurably(link, {
      subject: observationSubject(parcel.domain),
      payload: parcel.payload,
      messageId: `${id}-${index}`,
      headers: {
        [busHeaders.contentType]: "application/json",
        [busHeaders.schema]: observationSchemaName,
        [busHeaders.traceparent]: traceparent,
        [busHeaders.messages]: parcel.rows,
      },
    });
    return seq;
  }

  /** Domains side by side, each in order: where one parcel is refused, those behind it must not overtake it. */
  async function sendAll(list: readonly Parcel[]): Promise<void> {
    const roads = Map.groupBy([...list.entries()], ([, parcel]) => parcel.domain);
    const ends = await Promise.allSettled(
      [...roads.values()].map(async (road) => {
        for (const [index, parcel] of road) await send(parcel, index);
      }),
    );
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  return {
    async run({ messages, receipts, sessions, deliveries: seen = [] }) {
      // First: a repeat after a kill must find its first time of receipt before the observations exist.
      if (!receiptsDone && receipts.length > 0) await deliveries.receipts(receipts);
      receiptsDone = true;
      fates ??= await keepRefused(messages);
      const known = fates;
      parcels ??= packParcels(messages, {
        domainOf,
        fateOf: (message) => known.get(message),
        maxBodyBytes: Math.min(maxBodyBytes, Math.floor(link.maxPayloadBytes * bodyShare)) - bracketsBytes,
        maxRowsBytes: Math.min(maxRowsBytes, Math.floor(link.maxPayloadBytes * rowsShare)),
      });
      await sendAll(parcels);
      // What is remembered as seen must be durable: a copy of it is thrown away.
      if (seen.length > 0) await deliveries.seen(seen);
      // Last: a QoS 2 packet id may be open only when its message is durable.
      if (sessions.length > 0) await deliveries.sessions(sessions);
      return resultOf(messages, known);
    },
  };
}

/** What can be known here: whether observations are new only the store can tell, so they all count as stored. */
function resultOf(messages: readonly IntakeMessage[], fates: ReadonlyMap<IntakeMessage, KeepingFate>): IntakeResult {
  const outcomes = noOutcomes();
  const ends = messages.map((message) => outcomeOf(message, fates.get(message)));
  let observations = 0;
  for (const message of messages) observations += message.observations.length;
  for (const end of ends) outcomes[end] += 1;
  return { outcomes, observations, ends };
}

function outcomeOf({ observations, repeated }: IntakeMessage, fate: KeepingFate): Outcome {
  const measured = observations.length > 0;
  if (fate === "full") return "refused";
  if (fate === "kept") return measured ? "partial" : "quarantined";
  if (fate === "known") return measured ? "partial" : "duplicate";
  if (measured) return "stored";
  return repeated ? "duplicate" : "skipped";
}
