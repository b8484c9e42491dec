import type { DeliveryReceipt, SeenDelivery, SessionChange } from "@messnetz/model";
import { z } from "zod";
import { chunkBySize } from "./chunk-by-size.ts";
import { partSchema } from "./assembly.ts";

const moment = { client: z.string(), expiryMs: z.number(), at: z.number() };
const packet = { client: z.string(), packetId: z.int() };
const sessionChangeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("opened"), ...moment }),
  z.object({ kind: z.literal("closed"), ...moment }),
  z.object({ kind: z.literal("ended"), client: z.string() }),
  z.object({ kind: z.literal("received"), ...packet }),
  z.object({ kind: z.literal("released"), ...packet }),
]);

/** Some happenings at the door, in their order. With `snapshot` they are part of all that still matters, and what was before does not. */
const doorMessageSchema = z.object({
  sessions: z.array(sessionChangeSchema).optional(),
  /** `[index of the client, packet id, payload hash, received at]` */
  receipts: z.array(z.tuple([z.int(), z.int(), z.string(), z.number()])).optional(),
  clients: z.array(z.string()).optional(),
  /** `[half of the hash, the other, received at, time of the network]` */
  deliveries: z.array(z.tuple([z.int(), z.int(), z.number(), z.number().nullable()])).optional(),
  snapshot: partSchema.optional(),
});
type DoorMessage = z.infer<typeof doorMessageSchema>;

export interface DoorEvents {
  readonly sessions: readonly SessionChange[];
  readonly receipts: readonly DeliveryReceipt[];
  readonly deliveries: readonly SeenDelivery[];
}

const eventOverheadBytes = 80;

/** As few messages as fit, sessions first. A snapshot of nothing is a message too. */
export function toDoorMessages(
  { sessions, receipts, deliveries }: DoorEvents,
  maxBytes: number,
  snapshotId?: string,
): string[] {
  const messages: DoorMessage[] = [
    ...chunkBySize(sessions, sizeOf, maxBytes).map((some) => ({ sessions: some })),
    ...chunkBySize(receipts, sizeOf, maxBytes).map(packReceipts),
    ...chunkBySize(deliveries, () => eventOverheadBytes, maxBytes).map(packDeliveries),
  ];
  if (snapshotId !== undefined && messages.length === 0) messages.push({});
  return messages.map((message, index) => {
    if (snapshotId === undefined) return JSON.stringify(message);
    const snapshot = { id: snapshotId, number: index + 1, of: messages.length };
    return JSON.stringify({ ...message, snapshot });
  });
}

/** More than its JSON takes; a character may take six bytes (`\\u0000`). */
function sizeOf(event: SessionChange | DeliveryReceipt): number {
  const hash = "payloadHash" in event ? event.payloadHash.length : 0;
  return eventOverheadBytes + 6 * (event.client.length + hash);
}

function packReceipts(receipts: readonly DeliveryReceipt[]): DoorMessage {
  const indexes = new Map<string, number>();
  const packed = receipts.map(({ client, packetId, payloadHash, receivedAt }) => {
    const index = indexes.get(client) ?? indexes.size;
    indexes.set(client, index);
    return [index, packetId, payloadHash, receivedAt] satisfies [number, number, string, number];
  });
  return { clients: [...indexes.keys()], receipts: packed };
}

function packDeliveries(deliveries: readonly SeenDelivery[]): DoorMessage {
  return { deliveries: deliveries.map(({ high, low, receivedAt, at }) => [high, low, receivedAt, at ?? null]) };
}

/** Throws where the message is not of our making. */
export function readDoorMessage(text: string): DoorEvents & Pick<DoorMessage, "snapshot"> {
  const message = doorMessageSchema.parse(JSON.parse(text));
  const { sessions = [], receipts = [], clients = [], deliveries = [], snapshot } = message;
  return {
    sessions,
    receipts: receipts.map(([client, packetId, payloadHash, receivedAt]) => {
      return { client: clients[client] ?? "", packetId, payloadHash, receivedAt, qos: 1 };
    }),
    deliveries: deliveries.map(([high, low, receivedAt, at]) => ({
      high,
      low,
      receivedAt,
      ...(at !== null && { at }),
    })),
    snapshot,
  };
}
