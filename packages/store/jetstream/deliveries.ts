import { randomUUID } from "node:crypto";
import type { DeliveryReceipt, EpochMs, SeenDelivery, SessionChange } from "@messnetz/model";
import type { NatsLink } from "@messnetz/nats";
import type { SessionStore, StoreEvent } from "../port.ts";
import { SessionFold } from "../session-fold.ts";
import { createAssembly } from "./assembly.ts";
import { type DoorEvents, readDoorMessage, toDoorMessages } from "./door-message.ts";
import { followStream } from "./follow-stream.ts";
import { claimSubject } from "./owned-subject.ts";
import { payloadRoom } from "./payload-room.ts";
import { declareDoor, doorStream, doorSubjects } from "./streams.ts";
import { createTurns } from "../turns.ts";

/** The writing side of what the door remembers. All resolve when durable, and may be repeated with the same list when they reject. */
export interface DeliveryLog {
  receipts(list: readonly DeliveryReceipt[]): Promise<void>;
  sessions(list: readonly SessionChange[]): Promise<void>;
  seen(list: readonly SeenDelivery[]): Promise<void>;
}

export interface JetStreamDeliveriesOptions {
  readonly link: NatsLink;
  /** Name of the ingest process, kept over restarts: letters, digits, `-` and `_`. */
  readonly instance: string;
  readonly replicas: number;
  /** Default: the system's clock. */
  readonly clock?: () => EpochMs;
  /** So many events, and twice of those that still matter, are kept before they are folded. Default 100,000. */
  readonly foldAtEvents?: number;
  readonly onEvent?: (event: StoreEvent) => void;
}

export type JetStreamDeliveries = SessionStore & DeliveryLog & { close(): Promise<void> };

/** Another process has begun under the same name: what this one would write could not be trusted any more. */
export class InstanceTakenError extends Error {
  override readonly name = "InstanceTakenError";
}

const defaultFoldAtEvents = 100_000;

/**
 * Sessions and receipts of one ingest process as a subject of its own: events, and now and then all that still matters as a snapshot, after which
 * the events before it are purged. Takes the name over from a process that was killed. Resolves when everything has been read.
 */
export async function openJetStreamDeliveries(options: JetStreamDeliveriesOptions): Promise<JetStreamDeliveries> {
  const { link, instance, clock = Date.now, foldAtEvents = defaultFoldAtEvents } = options;
  if (!/^[\w-]{1,64}$/.test(instance))
    throw new Error(
      `expected the name of the instance to be of letters, digits, - and _, came ${JSON.stringify(instance)}`,
    );
  const subject = `${doorSubjects}.${instance}`;
  await declareDoor(options);
  const owned = await claimSubject({
    link,
    stream: doorStream,
    subject,
    announce: () => "{}",
    taken: () =>
      new InstanceTakenError(
        `expected to be the only process named ${instance}, another one has begun: name it otherwise, or end it`,
      ),
  });
  let { fold, events } = await readDoor(link, subject);
  let foldAt = foldAtEvents + 2 * events;
  const messageIds = new WeakMap<readonly unknown[], string>();
  const inTurn = createTurns();

  async function append(list: readonly unknown[], happened: DoorEvents): Promise<void> {
    if (list.length === 0) return;
    const id = messageIds.get(list) ?? randomUUID();
    messageIds.set(list, id);
    await inTurn(async () => {
      for (const [index, text] of toDoorMessages(happened, payloadRoom(link)).entries())
        await owned.append(text, `${id}-${index}`);
      applyTo(fold, happened);
      events += list.length;
    });
    if (events >= foldAt) void inTurn(rewrite);
  }

  async function rewrite(): Promise<void> {
    if (events < foldAt) return;
    try {
      const history = fold.history(clock());
      const id = randomUUID();
      let first: number | undefined;
      for (const [index, text] of toDoorMessages(history, payloadRoom(link), id).entries()) {
        const seq = await owned.append(text, `${id}-${index}`);
        first ??= seq;
      }
      await link.manager.streams.purge(doorStream, { filter: subject, seq: first! });
      fold = new SessionFold();
      applyTo(fold, history);
      events = countOf(history);
      foldAt = foldAtEvents + 2 * events;
    } catch (cause) {
      foldAt = events + foldAtEvents / 4;
      options.onEvent?.({ kind: "upkeep_failed", cause });
    }
  }

  return {
    receipts: (list) =>
      append(list, {
        sessions: list.flatMap(({ qos, client, packetId }) =>
          qos === 2 ? { kind: "received", client, packetId } : [],
        ),
        receipts: list.filter(({ qos }) => qos === 1),
        deliveries: [],
      }),
    sessions: (list) => append(list, { sessions: list, receipts: [], deliveries: [] }),
    seen: (list) => append(list, { sessions: [], receipts: [], deliveries: list }),
    load: () => Promise.resolve(fold.snapshot(clock())),
    close: () => inTurn(() => Promise.resolve()),
  };
}

async function readDoor(link: NatsLink, subject: string): Promise<{ fold: SessionFold; events: number }> {
  let fold = new SessionFold();
  let events = 0;
  let fault: Error | undefined;
  const snapshot = createAssembly<DoorEvents>();

  function forget(): void {
    fold = new SessionFold();
    events = 0;
  }

  function take(text: string): void {
    const { snapshot: part, ...happened } = readDoorMessage(text);
    let all: readonly DoorEvents[] | undefined = [happened];
    if (part === undefined) snapshot.drop();
    else all = snapshot.take(part, happened);
    if (all === undefined) return;
    if (part !== undefined) forget();
    for (const some of all) {
      applyTo(fold, some);
      events += countOf(some);
    }
  }

  const follower = followStream({
    link,
    stream: doorStream,
    subject,
    take(message) {
      try {
        take(message.string());
      } catch (cause) {
        fault ??= new Error(
          `expected what the door remembers in message ${message.seq} of ${subject}, came something else`,
          {
            cause,
          },
        );
      }
    },
    startOver: forget,
  });
  try {
    await follower.caughtUp();
  } finally {
    await follower.close();
  }
  if (fault !== undefined) throw fault;
  return { fold, events };
}

function applyTo(fold: SessionFold, { sessions, receipts, deliveries }: DoorEvents): void {
  for (const change of sessions) fold.apply(change);
  for (const receipt of receipts) fold.receive(receipt);
  for (const delivery of deliveries) fold.see(delivery);
}

function countOf({ sessions, receipts, deliveries }: DoorEvents): number {
  return sessions.length + receipts.length + deliveries.length;
}
