import type { NatsLink } from "@messnetz/nats";
import type { ForeignChange } from "../documents.ts";
import { changeLog, createChangeAssembler } from "./change-log.ts";
import { logRange, logWindow } from "./load.ts";
import type { SettledDocument, SettledDocuments } from "./settled-documents.ts";
import { readStreamPart } from "./stream-reader.ts";

/** How many documents are on their way at once. */
const atOnce = 100;
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
export async function settle({ link, settled, signal }: Settling): Promise<number> {
  const { documents, upTo } = await readLog(link);
  if (upTo === 0) return 0;
  for (let at = 0; at < documents.length; at += atOnce) {
    signal.throwIfAborted();
    await Promise.all(documents.slice(at, at + atOnce).map(async (document) => settled.settle(document)));
  }
  await settled.settledTo(upTo);
  signal.throwIfAborted();
  // Purges what is before it. The last message stays: it costs nothing, and the log is never empty again.
  await link.manager.streams.purge(changeLog.stream, { seq: upTo });
  return documents.length;
}

/** The newest form of each document in the log, and the sequence of the last whole change. */
async function readLog(
  link: NatsLink,
): Promise<{ readonly documents: readonly SettledDocument[]; readonly upTo: number }> {
  const { first, last } = await logRange(link);
  const assembler = createChangeAssembler();
  const newest = new Map<string, SettledDocument>();
  let upTo = 0;
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
      const change = assembler.take(message);
      if (change !== undefined) take(change.sequence, change.changes);
    },
  });
  return { documents: [...newest.values()], upTo };
}
