import {
  createDayOf,
  type EpochMs,
  type IntakeResult,
  type RawMessage,
  type Refusal,
  type SessionChange,
} from "@messnetz/model";
import type { Delivery, RoadResult } from "@messnetz/pipeline";
import { acknowledgeAfter, type Batch, createBatch, replyAfter, type Sender, settle } from "./batch.ts";
import { createCommitter } from "./committer.ts";
import type { Arrival, Intake, IntakeOptions, IntakeWatcher } from "./intake-port.ts";
import { createReceipts, payloadHash } from "./receipts.ts";
import { createSurvey } from "./survey.ts";
import { createTopicRights } from "./topic-rights.ts";

/** Objects of one message, of one observation and of one refusal, roughly, beside their texts. */
const messageOverheadBytes = 512;
const observationOverheadBytes = 256;
const refusalOverheadBytes = 128;
const changeOverheadBytes = 128;
/** Of the bound on pending bytes: so much may come by the pieces that were being read when it was passed. */
const fullFactor = 1.25;
/** A client without a kept session sends nothing again that is older: what looks the same is new. */
const recallWithinMs = 86_400_000;
/** A time of receipt that is so far ahead of the clock is kept, for a restart that is faster must not give it again. None is. */
const keepLeadMs = 100;
/** Stands for the newest such time among the receipts: no client is called so. */
const leadName = { client: "\nahead", packetId: 0, payloadHash: "" };
const defaultCloseMs = 10_000;

/**
 * Where messages become batches (DESIGN 3): what arrives is decoded on arrival, while the commit before it runs, and goes together in
 * the next. One commit at a time; replies leave after it, in order, one write per connection. There is no timer and no promise per message.
 */
export function createIntake(options: IntakeOptions): Intake {
  const { config, events } = options;
  const clock = options.clock ?? Date.now;
  const dayOf = createDayOf(options.timeZone);
  const keptReceipts = [...(options.receipts ?? [])];
  /** The newest time of receipt that was given ahead of the clock. */
  let takenUntil =
    keptReceipts.find(({ client }) => client === leadName.client)?.receivedAt ?? Number.NEGATIVE_INFINITY;
  const survey = createSurvey({ ...options, takenUntil });
  const receipts = createReceipts(keptReceipts);
  const rights = createTopicRights({
    maxTopicBytes: config.MESSNETZ_MQTT_MAX_TOPIC_BYTES,
    maxTopicLevels: config.MESSNETZ_MQTT_MAX_TOPIC_LEVELS,
  });
  const maxBatchMessages = config.MESSNETZ_INTAKE_MAX_BATCH_MESSAGES;
  const maxBatchBytes = config.MESSNETZ_INTAKE_MAX_BATCH_BYTES;
  const maxPendingBytes = config.MESSNETZ_INTAKE_MAX_PENDING_BYTES;
  const watchers = new Set<IntakeWatcher>();
  const keptClients = new Set<string>();
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
    for (const { delivery, index } of batch.unread)
      if (result.ends[index] === "refused") options.deliveries?.forget(delivery);
    settle(batch, result);
    pauseOrResume();
    events.committed(result);
    options.onCommit?.(result);
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
      const notBefore = arrival.isDurable ? undefined : clock() - recallWithinMs;
      firstReceivedAt = receipts.recall({ client, packetId, payloadHash: hash }, notBefore);
    }
    const isGiven = arrival.receivedAt !== undefined || firstReceivedAt !== undefined;
    const receivedAt = arrival.receivedAt ?? firstReceivedAt ?? clock();
    const raw: RawMessage = { topic, payload, receivedAt, source: source.id };
    if (right.refusal?.code === "foreign_device") events.foreignTopic(source.id, topic);
    const reason = arrival.refusal ?? right.refusal;
    const surveyed = reason === undefined ? survey(raw, isGiven) : { message: raw, result: refused(reason) };
    const { message, result } = surveyed;
    if (result.request !== undefined) sender?.ask?.(result.request);

    const batch = open();
    if (!isGiven && message.receivedAt > receivedAt + keepLeadMs) keepLead(batch, message.receivedAt);
    batch.messages.push({
      message,
      device: result.device,
      day: dayOf(message.receivedAt),
      observations: result.observations,
      refusals: result.refusals,
      repeated: firstReceivedAt !== undefined || result.isCopy === true,
    });
    if (result.delivery !== undefined && result.isCopy !== true) keepDelivery(batch, result.delivery, result);
    if (qos > 0) {
      // Identity makes the repeat of a message with its own times harmless; every other needs the memory.
      const isHarmless = !result.receiptTimed && result.refusals.length === 0 && result.observations.length > 0;
      // So does the network's name for it make the repeat of a copy.
      if (!isHarmless && result.isCopy !== true) {
        hash ??= payloadHash(right.mark, payload);
        const receipt = { client, packetId, payloadHash: hash, receivedAt: message.receivedAt };
        if (firstReceivedAt === undefined) batch.receipts.push({ ...receipt, qos: 1 });
        receipts.remember(receipt);
      } else receipts.forget(client, packetId);
    }
    // Among the changes of the session, in order of arrival: the packet id is open until it is released or the session ends.
    const isOpen = qos === 2 && arrival.isDurable;
    if (isOpen) batch.sessions.push({ kind: "received", client, packetId });
    const bytes = topic.length + payload.length + bytesOf(result) + (isOpen ? changeOverheadBytes : 0);
    if (sender !== undefined) acknowledgeAfter(batch, sender, { qos, packetId, bytes });
    pendingMessages++;
    count(batch, bytes);
    return bytes;
  }

  /** Durable with the message that was given the time. */
  function keepLead(batch: Batch, time: EpochMs): void {
    if (time > takenUntil) takenUntil = time;
    batch.leadAt ??= batch.receipts.length;
    batch.receipts[batch.leadAt] = { ...leadName, receivedAt: takenUntil, qos: 1 };
  }

  /** Who may not speak for a device must not make its own messages copies. */
  function keepDelivery(batch: Batch, delivery: Delivery, { observations, refusals }: RoadResult): void {
    if (options.deliveries === undefined || refusals.some(({ code }) => code === "foreign_device")) return;
    const isRefused = observations.length === 0 && refusals.length > 0;
    if (isRefused) batch.unread.push({ delivery, index: batch.messages.length - 1 });
    batch.deliveries.push(options.deliveries.remember(delivery, clock(), isRefused ? "refused" : undefined));
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
    isFull: () => isPaused && pendingBytes > fullFactor * maxPendingBytes,
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    state: () => ({ pendingMessages, pendingBytes, ...committer.state() }),
    forgetDelivery: (client, packetId) => receipts.forget(client, packetId),
    forgetDeliveries: receipts.forgetClient,
    keep: (client) => void keptClients.add(client),
    forget: (isKept) => receipts.sweep(clock(), (client) => keptClients.has(client) || isKept(client)),
    settled: (withinMs) => committer.settled(withinMs),
    async close(withinMs = defaultCloseMs) {
      await committer.close(withinMs);
      if (pendingMessages > 0) events.leftBehind(pendingMessages);
    },
  };
}

/** Memory of a message until its commit, beside topic and payload. */
function bytesOf({ observations, refusals }: RoadResult): number {
  let bytes = messageOverheadBytes + observationOverheadBytes * observations.length;
  for (const { expected, came, reading = "", device = "" } of refusals)
    bytes += refusalOverheadBytes + expected.length + came.length + reading.length + device.length;
  return bytes;
}

function refused(reason: Refusal): RoadResult {
  return { device: "", observations: [], refusals: [reason], receiptTimed: false, adopted: [] };
}
