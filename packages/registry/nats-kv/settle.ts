import type { NatsLink } from "@messnetz/nats";
import type { ForeignChange } from "../documents.ts";
import { changeLog, createChangeAssembler } from "./change-log.ts";
import { logRange, logWindow } from "./load.ts";
import type { SettledDocument, SettledDocuments } from "./settled-documents.ts";
import { readStreamPart } from "./stream-reader.ts";

/** How many documents are on their way at once. */
const atOnce = 100;
/** What is settled at a time ends with the change that makes it as long: who is killed again and again gets on too. */
const enoughBytes = 8 * 1_024 * 1_024;
const readTimeoutMs = 30_000;

export interface Settling {
  readonly link: NatsLink;
  readonly settled: SettledDocuments;
  readonly signal: AbortSignal;
}

/**
 * Writes what the log says into the documents and purges it. Several processes may at once, and each may be killed at any time: a document
 * only goes forward, the log is purged only of what is settled, and to apply it again changes nothing. Gives the number of documents.
 */
export async function settle(settling: Settling): Promise<number> {
  for (let count = 0; ;) {
    const settledNow = await settleSome(settling);
    count += settledNow.documents;
    if (settledNow.isAll) return count;
  }
}

/** Few enough for a process that is killed often to get on. */
async function settleSome({ link, settled, signal }: Settling): Promise<{ documents: number; isAll: boolean }> {
  const { documents, upTo, isAll } = await readLog(link);
  if (upTo === 0) return { documents: 0, isAll: true };
  for (let at = 0; at < documents.length; at += atOnce) {
    signal.throwIfAborted();
    await Promise.all(documents.slice(at, at + atOnce).map(async (document) => settled.settle(document)));
  }
  await settled.settledTo(upTo);
  signal.throwIfAborted();
  // Purges what is before it. The last message stays: it costs nothing, and the log is never empty again.
  await link.manager.streams.purge(changeLog.stream, { seq: upTo });
  return { documents: documents.length, isAll };
}

interface LogBeginning {
  readonly documents: readonly SettledDocument[];
  /** Sequence of its last whole change; 0 where there is none. */
  readonly upTo: number;
  readonly isAll: boolean;
}

/** The newest form of each document in the beginning of the log. */
async function readLog(link: NatsLink): Promise<LogBeginning> {
  const { first, last } = await logRange(link);
  const assembler = createChangeAssembler();
  const newest = new Map<string, SettledDocument>();
  let upTo = 0;
  let bytes = 0;
  let isEnough = false;
  const take = (sequence: number, changes: readonly ForeignChange[]): void => {
    upTo = sequence;
    for (const each of changes) newest.set(`${each.kind} ${each.id}`, { sequence, ...each });
  };
  await readStreamPart(link, {
    stream: changeLog.stream,
    from: first,
    to: last,
    window: logWindow,
    withinMs: readTimeoutMs,
    take(message) {
      if (isEnough) return;
      bytes += message.data.length;
      const change = assembler.take(message);
      if (change === undefined) return;
      take(change.sequence, change.changes);
      isEnough = bytes >= enoughBytes && message.seq < last;
    },
  });
  return { documents: [...newest.values()], upTo, isAll: !isEnough };
}
