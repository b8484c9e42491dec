import type { Publisher } from "@messnetz/bus";
import type {
  DeviceAndThing,
  EpochMs,
  IntakeResult,
  RawMessage,
  Refusal,
  SessionChange,
  Source,
} from "@messnetz/model";
import type { Road, RoadResult } from "@messnetz/pipeline";
import { acknowledgeAfter, type Batch, createBatch, replyAfter, type Sender, settle } from "./batch.ts";
import { createCommitter } from "./committer.ts";
import type { IngestConfig } from "./config.ts";
import { createDayOf } from "./day.ts";
import type { IngestEvents } from "./events.ts";
import { createReceipts, type KeptReceipt, payloadHash } from "./receipts.ts";
import { createSurvey } from "./survey.ts";
import { createTopicRights } from "./topic-rights.ts";

export interface IntakeOptions {
  readonly config: IngestConfig;
  readonly publisher: Publisher;
  readonly road: Road;
  /** As the store kept them. */
  readonly receipts?: Iterable<KeptReceipt>;
  /** Takes what the road adopted into memory; gives back what it would not take (it belongs to another operator). */
  readonly adopt: (list: readonly DeviceAndThing[]) => readonly DeviceAndThing[];
  /** Resolves when everything adopted is durable. */
  readonly flushAdoptions: () => Promise<void>;
  /** IANA zone of the ledger's days. */
  readonly timeZone: string;
  readonly events: IngestEvents;
  readonly clock?: () => EpochMs;
  /** After each commit. */
  readonly onCommit?: (result: IntakeResult) => void;
}

/** One publish, as it came. */
export interface Arrival {
  readonly source: Source;
  /** `<credential>/<client id>`; empty where nobody can repeat it (a will). */
  readonly client: string;
  readonly topic: string;
  /** Kept until the commit. */
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  /** 0 with QoS 0. */
  readonly packetId: number;
  readonly isDuplicate: boolean;
  /** With QoS 2: the packet id is to be durable with the message, because the session is. */
  readonly isDurable: boolean;
}

/** Who reads from devices: told when to stop and to go on. */
export interface IntakeWatcher {
  pause(): void;
  resume(): void;
  /** The store has failed for too long: close, acknowledge nothing. */
  abandon(): void;
}

export interface IntakeState {
  readonly pendingMessages: number;
  /** An estimate of the memory that pending messages hold. */
  readonly pendingBytes: number;
  /** Milliseconds since the store began to fail, or since it has been asked without an answer. */
  readonly failingForMs?: number;
  readonly inFlightForMs?: number;
}

export interface Intake {
  /** Puts a message on the road, at once. The sender is told when it is durable. Returns the bytes counted for it. */
  receive(arrival: Arrival, sender?: Sender): number;
  /** Makes changes of sessions durable with the next commit, and then sends the packet. */
  change(changes: readonly SessionChange[], sender?: Sender, packet?: Uint8Array): void;
  /** Sends the packet after everything received so far is durable; at once where nothing is waiting. */
  after(sender: Sender, packet: Uint8Array): void;
  /** False: the store has failed for too long; nothing is to be let in. */
  isAvailable(): boolean;
  isPaused(): boolean;
  /** Returns how to end the watching. */
  watch(watcher: IntakeWatcher): () => void;
  state(): IntakeState;
  /** Forgets the deliveries of clients that have been silent for an hour and for which `isKept` is false. */
  forget(isKept: (client: string) => boolean): void;
  /** Resolves true when nothing is pending any more, false after `withinMs`. */
  settled(withinMs: number): Promise<boolean>;
  /** Commits what is pending, within a bound, and ends. */
  close(withinMs?: number): Promise<void>;
}

/** Objects of one message and of one observation, roughly, beside the payload. */
const messageOverheadBytes = 512;
const observationOverheadBytes = 256;
const changeOverheadBytes = 128;
const defaultCloseMs = 10_000;

/**
 * Where messages become batches (DESIGN 3): what arrives is decoded on arrival, while the commit before it runs, and goes together in
 * the next. One commit at a time; replies leave after it, in order, one write per connection. There is no timer and no promise per message.
 */
export function createIntake(options: IntakeOptions): Intake {
  const { config, events } = options;
  const clock = options.clock ?? Date.now;
  const dayOf = createDayOf(options.timeZone);
  const survey = createSurvey(options);
  const receipts = createReceipts(options.receipts);
  const rights = createTopicRights({
    maxTopicBytes: config.MESSNETZ_MQTT_MAX_TOPIC_BYTES,
    maxTopicLevels: config.MESSNETZ_MQTT_MAX_TOPIC_LEVELS,
  });
  const maxBatchMessages = config.MESSNETZ_INTAKE_MAX_BATCH_MESSAGES;
  const maxBatchBytes = config.MESSNETZ_INTAKE_MAX_BATCH_BYTES;
  const maxPendingBytes = config.MESSNETZ_INTAKE_MAX_PENDING_BYTES;
  const watchers = new Set<IntakeWatcher>();
  let pendingMessages = 0;
  let pendingBytes = 0;
  let isPaused = false;

  const committer = createCommitter({
    publisher: options.publisher,
    beforePublish: options.flushAdoptions,
    closeAfterMs: config.MESSNETZ_INTAKE_CLOSE_AFTER_MS,
    events,
    onDurable,
    onFailing: pauseOrResume,
    onUnavailable() {
      events.unavailable(pendingMessages);
      for (const watcher of watchers) watcher.abandon();
    },
  });

  function onDurable(batch: Batch, result: IntakeResult): void {
    pendingMessages -= batch.messages.length;
    pendingBytes -= batch.bytes;
    events.committed(result);
    options.onCommit?.(result);
    settle(batch);
    pauseOrResume();
  }

  function pauseOrResume(): void {
    const isTooMuch = pendingBytes > (isPaused ? maxPendingBytes / 2 : maxPendingBytes);
    const wanted = isTooMuch || committer.isFailing();
    if (wanted === isPaused) return;
    isPaused = wanted;
    for (const watcher of watchers)
      if (wanted) watcher.pause();
      else watcher.resume();
  }

  /** The batch that is being filled. */
  function open(): Batch {
    const last = committer.open();
    if (last !== undefined && last.messages.length < maxBatchMessages && last.bytes < maxBatchBytes) return last;
    const batch = createBatch();
    committer.add(batch);
    return batch;
  }

  function count(batch: Batch, bytes: number): void {
    batch.bytes += bytes;
    pendingBytes += bytes;
    if (pendingBytes > maxPendingBytes && !isPaused) pauseOrResume();
  }

  function receive(arrival: Arrival, sender?: Sender): number {
    const { source, topic, payload, client, packetId, qos } = arrival;
    const right = rights.of(source, topic);
    let hash: string | undefined;
    let firstReceivedAt: EpochMs | undefined;
    if (arrival.isDuplicate && qos > 0) {
      hash = payloadHash(right.mark, payload);
      firstReceivedAt = receipts.recall(client, packetId, hash);
    }
    const raw: RawMessage = { topic, payload, receivedAt: firstReceivedAt ?? clock(), source: source.id };
    if (right.refusal?.code === "foreign_device") events.foreignTopic(source.id, topic);
    const surveyed =
      right.refusal === undefined
        ? survey(raw, firstReceivedAt !== undefined)
        : { message: raw, result: refused(right.refusal) };
    const { message, result } = surveyed;

    const batch = open();
    batch.messages.push({
      message,
      device: result.device,
      day: dayOf(message.receivedAt),
      observations: result.observations,
      refusals: result.refusals,
      repeated: firstReceivedAt !== undefined,
    });
    if (qos > 0) {
      // Identity makes the repeat of a message with its own times harmless; every other needs the memory.
      const isRemembered = result.receiptTimed || result.refusals.length > 0 || result.observations.length === 0;
      const isOpen = qos === 2 && arrival.isDurable;
      if (isRemembered || isOpen) {
        hash ??= payloadHash(right.mark, payload);
        const receipt = {
          client,
          packetId,
          payloadHash: hash,
          receivedAt: message.receivedAt,
          qos: isOpen ? (2 as const) : (1 as const),
        };
        if (isOpen || firstReceivedAt === undefined) batch.receipts.push(receipt);
        receipts.remember(receipt);
      } else receipts.forget(client, packetId);
    }
    const bytes =
      topic.length + payload.length + messageOverheadBytes + observationOverheadBytes * result.observations.length;
    if (sender !== undefined) acknowledgeAfter(batch, sender, { qos, packetId, bytes });
    pendingMessages++;
    count(batch, bytes);
    return bytes;
  }

  function change(changes: readonly SessionChange[], sender?: Sender, packet?: Uint8Array): void {
    const batch = open();
    for (const one of changes) batch.sessions.push(one);
    if (sender !== undefined && packet !== undefined) replyAfter(batch, sender, packet);
    count(batch, changes.length * changeOverheadBytes);
  }

  function after(sender: Sender, packet: Uint8Array): void {
    const last = committer.last();
    if (last === undefined) {
      sender.durable({ packets: Buffer.from(packet), acknowledged: 0, bytes: 0 });
      return;
    }
    replyAfter(last, sender, packet);
    count(last, packet.length);
  }

  return {
    receive,
    change,
    after,
    isAvailable: () => !committer.isUnavailable(),
    isPaused: () => isPaused,
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    state: () => ({ pendingMessages, pendingBytes, ...committer.state() }),
    forget: (isKept) => receipts.sweep(clock(), isKept),
    settled: (withinMs) => committer.settled(withinMs),
    async close(withinMs = defaultCloseMs) {
      await committer.close(withinMs);
      if (pendingMessages > 0) events.leftBehind(pendingMessages);
    },
  };
}

function refused(reason: Refusal): RoadResult {
  return { device: "", observations: [], refusals: [reason], receiptTimed: false, adopted: [] };
}
