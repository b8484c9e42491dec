import type { NatsLink } from "@messnetz/nats";
import { z } from "zod";
import type { RemovalQuery } from "../port.ts";

/** Core subjects: who asks must hear at once whether somebody is there, and an erasure that nobody waits for is not to come true later. */
export const erasureSubjects = {
  /** Requests; one of the writers takes each. */
  ask: "messnetz.erasure.v1",
  /** What was removed, for whoever has newest values in memory. */
  told: "messnetz.removed.v1",
} as const;
export const erasureQueue = "messnetz-writers";

const texts = z.array(z.string()).optional();
const interval = z.object({ from: z.number(), to: z.number() }).optional();
const removalSchema = z.strictObject({ datastreams: texts, things: texts, properties: texts, interval });
const quarantineSchema = z.strictObject({ sources: texts, devices: texts, interval });
export const requestSchema = z.strictObject({ observations: removalSchema, quarantine: quarantineSchema });

const receiptSchema = z.strictObject({
  observations: z.int(),
  datastreams: z.int(),
  quarantined: z.int(),
  removedAt: z.number(),
});
/** `working`: it goes on; said so often that silence means that the writer is gone. */
export const replySchema = z.discriminatedUnion("state", [
  z.strictObject({ state: z.literal("working") }),
  z.strictObject({ state: z.literal("done"), receipt: receiptSchema }),
  z.strictObject({ state: z.literal("failed"), why: z.string() }),
]);
export type ErasureReply = z.infer<typeof replySchema>;

export const workingEveryMs = 2000;

/** Without the members that are undefined. */
export function definedOf<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never;
}

/** Tells all other processes what was removed. Whoever is not connected asks for everything when it is back. */
export function announceRemoval(link: NatsLink, { interval: span, ...named }: RemovalQuery): void {
  const full = JSON.stringify({ ...named, ...(span && { interval: span }) });
  // Of more names than a message holds all that lies in the span is asked for again.
  const fits = Buffer.byteLength(full) <= link.maxPayloadBytes;
  link.connection.publish(
    erasureSubjects.told,
    fits ? full : JSON.stringify(span === undefined ? {} : { interval: span }),
  );
}

export interface RemovalFollowing {
  readonly link: NatsLink;
  readonly onRemoved: (query: RemovalQuery) => void;
  /** Announcements may have been missed. */
  readonly onMissed: () => void;
}

/** Until the link closes. */
export function followRemovals({ link, onRemoved, onMissed }: RemovalFollowing): void {
  link.onReconnect(onMissed);
  link.connection.subscribe(erasureSubjects.told, {
    callback(error, message) {
      if (error !== null) return onMissed();
      const parsed = removalSchema.safeParse(parseJson(message.string()));
      if (parsed.success) onRemoved(definedOf(parsed.data));
      else onMissed();
    },
  });
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
