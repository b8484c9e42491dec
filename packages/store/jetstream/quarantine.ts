import type { EpochMs } from "@messnetz/model";
import type { NatsLink } from "@messnetz/nats";
import type { QuarantineLimits, QuarantineStore } from "../port.ts";
import { namesEntry, oldestKept } from "../quarantine-entry.ts";
import { askServer } from "./ask-server.ts";
import { followStream } from "./follow-stream.ts";
import { type IndexedEntry, QuarantineIndex } from "./quarantine-index.ts";
import { createQuarantineKeeper, type QuarantineKeeper } from "./quarantine-keeper.ts";
import { readQuarantineBody, readQuarantineHeaders } from "./quarantine-message.ts";
import { declareQuarantine, quarantineStream } from "./streams.ts";

export interface JetStreamQuarantineOptions {
  readonly link: NatsLink;
  readonly limits: QuarantineLimits;
  readonly replicas: number;
  /** Of the stream. */
  readonly maxBytes: number;
  /** Default: the system's clock. */
  readonly clock?: () => EpochMs;
}

export type JetStreamQuarantine = QuarantineStore & QuarantineKeeper & { close(): Promise<void> };

/** Entries that are fetched at once: a page is long, and an entry may be large. */
const maxFetches = 16;

/**
 * The quarantine as a stream, one message an entry. What is needed to find, count and limit entries is in memory, read from their headers at
 * the start and followed from then on; the entries themselves are fetched when somebody asks. Resolves when the index is complete.
 */
export async function openJetStreamQuarantine(options: JetStreamQuarantineOptions): Promise<JetStreamQuarantine> {
  const { link, limits, clock = Date.now } = options;
  await declareQuarantine({ ...options, maxAgeMs: limits.maxAgeMs });
  const index = new QuarantineIndex();
  const follower = followStream({
    link,
    stream: quarantineStream,
    headersOnly: true,
    take(message) {
      const headers = message.headers && readQuarantineHeaders(message.headers);
      if (headers === undefined) return;
      const { id, source, receivedAt, keptBytes } = headers;
      index.add({ id, seq: message.seq, source, receivedAt, bytes: keptBytes });
    },
    startOver: () => index.clear(),
  });
  await follower.caughtUp().catch(async (error: unknown) => {
    await follower.close();
    throw error;
  });
  const expire = (): void => index.expire(oldestKept(clock(), limits.maxAgeMs));

  /** Undefined where it has left the stream meanwhile. */
  async function fetch({ seq }: IndexedEntry): ReturnType<QuarantineStore["get"]> {
    const stored = await askServer(link, "an entry of the quarantine", () =>
      link.manager.streams.getMessage(quarantineStream, { seq }),
    );
    return stored === null ? undefined : readQuarantineBody(stored.data);
  }

  return {
    ...createQuarantineKeeper({ link, limits, clock, index, caughtUp: follower.caughtUp }),
    async list(query) {
      expire();
      const selected = index.select(query);
      const entries: Awaited<ReturnType<QuarantineStore["list"]>>[number][] = [];
      for (let from = 0; from < selected.length; from += maxFetches) {
        const fetched = await Promise.all(selected.slice(from, from + maxFetches).map(fetch));
        for (const one of fetched) if (one !== undefined) entries.push(withoutPayload(one));
      }
      return entries;
    },
    get(id) {
      expire();
      const entry = index.find(id);
      return entry === undefined ? Promise.resolve(undefined) : fetch(entry);
    },
    async remove(query) {
      // What another process put there a moment ago is meant too.
      await follower.caughtUp();
      const { sources, interval } = query;
      const candidates = index.select({
        limit: Number.POSITIVE_INFINITY,
        ...(sources === undefined ? {} : { sources }),
        ...(interval === undefined ? {} : { interval }),
      });
      const gone = new Set<string>();
      for (const candidate of candidates) {
        const entry = await fetch(candidate);
        if (entry === undefined || !namesEntry(query, entry)) continue;
        await askServer(link, "the removal of an entry of the quarantine", () =>
          link.manager.streams.deleteMessage(quarantineStream, candidate.seq, true),
        );
        gone.add(candidate.id);
      }
      index.drop(gone);
      return gone.size;
    },
    close: follower.close,
  };
}

function withoutPayload({ payload: _, ...entry }: NonNullable<Awaited<ReturnType<QuarantineStore["get"]>>>) {
  return entry;
}
