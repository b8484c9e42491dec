import type { DeviceRequest } from "@messnetz/formats";
import type {
  DeliveryReceipt,
  IntakeMessage,
  IntakeResult,
  Outcome,
  SeenDelivery,
  SessionChange,
} from "@messnetz/model";
import type { Delivery } from "@messnetz/pipeline";

/** Who waits for something to become durable: a connection. */
export interface Sender {
  /** All that was waiting for one commit, in order of arrival. The bytes are the sender's to keep. */
  durable(replies: Replies): void;
  /** A format would like a device behind it to get a message. Absent: nobody behind it can be told. */
  ask?(request: DeviceRequest): void;
  /** What became of one message: in order of arrival, before `durable`. Absent: it is told no more than that all is durable. */
  became?(message: IntakeMessage, outcome: Outcome): void;
}

/** What one sender gets when a batch is durable. */
export interface Replies {
  /** MQTT packets, one after the other. */
  readonly packets: Buffer;
  /** How many of them are PUBACKs. */
  readonly acknowledged: number;
  /** As counted when the messages arrived. */
  readonly bytes: number;
}

/** What becomes durable together, and who is told. Bounded by the intake, filled in order of arrival. */
export interface Batch {
  readonly messages: IntakeMessage[];
  readonly receipts: DeliveryReceipt[];
  /** Which receipt keeps the newest time that was given ahead of the clock, where one does. */
  leadAt?: number;
  readonly sessions: SessionChange[];
  readonly deliveries: SeenDelivery[];
  /** Of messages that were refused as a whole, by their place: what the quarantine does not take either may come again. */
  readonly unread: { readonly delivery: Delivery; readonly index: number }[];
  bytes: number;
  readonly waiting: Map<Sender, Waiting>;
  /** Who is told of which message, by its place. */
  readonly told: { readonly sender: Sender; readonly index: number }[];
}

interface Waiting {
  packets: Buffer;
  length: number;
  acknowledged: number;
  bytes: number;
}

const firstReplyBytes = 256;

export function createBatch(): Batch {
  return {
    messages: [],
    receipts: [],
    sessions: [],
    deliveries: [],
    unread: [],
    bytes: 0,
    waiting: new Map(),
    told: [],
  };
}

function waitingOf(batch: Batch, sender: Sender, bytes: number): Waiting {
  let waiting = batch.waiting.get(sender);
  if (waiting === undefined) {
    waiting = { packets: Buffer.allocUnsafe(Math.max(firstReplyBytes, bytes)), length: 0, acknowledged: 0, bytes: 0 };
    batch.waiting.set(sender, waiting);
  } else if (waiting.length + bytes > waiting.packets.length) {
    const grown = Buffer.allocUnsafe(Math.max(waiting.packets.length * 2, waiting.length + bytes));
    waiting.packets.copy(grown, 0, 0, waiting.length);
    waiting.packets = grown;
  }
  return waiting;
}

/** The bytes go to the sender when the batch is durable, after what already waits there. */
export function replyAfter(batch: Batch, sender: Sender, packet: Uint8Array): void {
  const waiting = waitingOf(batch, sender, packet.length);
  waiting.packets.set(packet, waiting.length);
  waiting.length += packet.length;
}

export interface Acknowledgement {
  readonly qos: 0 | 1 | 2;
  readonly packetId: number;
  readonly bytes: number;
}

/**
 * For the message that was added last. PUBACK or PUBREC in four bytes: MQTT 3.1.1, 3.4 and 3.5; MQTT 5.0, 3.4.2.1 (reason success may be left
 * out). None for QoS 0.
 */
export function acknowledgeAfter(batch: Batch, sender: Sender, message: Acknowledgement): void {
  if (sender.became !== undefined) batch.told.push({ sender, index: batch.messages.length - 1 });
  const waiting = waitingOf(batch, sender, 4);
  waiting.bytes += message.bytes;
  if (message.qos === 0) return;
  if (message.qos === 1) waiting.acknowledged++;
  const { packets, length } = waiting;
  packets[length] = message.qos === 1 ? 0x40 : 0x50;
  packets[length + 1] = 2;
  packets[length + 2] = message.packetId >> 8;
  packets[length + 3] = message.packetId & 0xff;
  waiting.length = length + 4;
}

/** Tells each sender, once. */
export function settle(batch: Batch, { ends }: IntakeResult): void {
  for (const { sender, index } of batch.told) sender.became!(batch.messages[index]!, ends[index]!);
  for (const [sender, waiting] of batch.waiting)
    sender.durable({
      packets: waiting.packets.subarray(0, waiting.length),
      acknowledged: waiting.acknowledged,
      bytes: waiting.bytes,
    });
}
