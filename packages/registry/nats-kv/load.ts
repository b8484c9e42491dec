import type { NatsLink } from "@messnetz/nats";
import type { StoredDocument } from "../documents.ts";
import { RegistryError } from "../error.ts";
import { type ChangeAssembler, changeLog, createChangeAssembler, type LoggedChange } from "./change-log.ts";
import type { SettledDocument, SettledDocuments } from "./settled-documents.ts";
import { readStreamPart, type StreamRange, streamRange } from "./stream-reader.ts";

export interface Loaded {
  readonly documents: readonly StoredDocument[];
  /** Sequence of the last message of the log that is in it. */
  readonly position: number;
  /** Of the log that had to be read. */
  readonly logMessages: number;
  /** Has the beginning of a change whose end has not come yet. */
  readonly assembler: ChangeAssembler;
}

const maxTries = 5;
const readTimeoutMs = 30_000;
/** Messages of the log have up to `maxPartBytes`. */
export const logWindow = 50;

/** Everything: the settled documents and, on top of them, the changes of the log. */
export async function load(link: NatsLink, settled: SettledDocuments): Promise<Loaded> {
  for (let tries = 1; ; tries++) {
    const loaded = await tryLoad(link, settled);
    if (loaded !== undefined) return loaded;
    if (tries < maxTries) continue;
    throw new RegistryError("unwritable", `the registry: expected to read it whole, but it was settled ${tries} times`);
  }
}

/** Undefined where changes were settled, and left the log, between the reading of the documents and that of the log. */
async function tryLoad(link: NatsLink, settled: SettledDocuments): Promise<Loaded | undefined> {
  const { documents, settledTo } = await settled.load(readTimeoutMs);
  const { first, last } = await logRange(link);
  if (first > settledTo + 1) return whyGap(settled, first);
  const assembler = createChangeAssembler();
  const changes: LoggedChange[] = [];
  let expected = first;
  let isWhole = true;
  await readStreamPart(link, {
    stream: changeLog.stream,
    from: first,
    to: last,
    window: logWindow,
    withinMs: readTimeoutMs,
    take(message) {
      if (message.seq !== expected++) isWhole = false;
      const change = assembler.take(message);
      if (change !== undefined) changes.push(change);
    },
  });
  if (!isWhole) return undefined;
  return { documents: merge(documents, changes), position: last, logMessages: last + 1 - first, assembler };
}

export async function logRange(link: NatsLink): Promise<StreamRange> {
  return streamRange(link, changeLog.stream);
}

/** The log begins after what we know to be settled: it was settled meanwhile, or somebody else has emptied it. */
async function whyGap(settled: SettledDocuments, first: number): Promise<undefined> {
  const { settledTo } = await settled.load(readTimeoutMs);
  if (first <= settledTo + 1) return undefined;
  throw new RegistryError(
    "corrupt",
    `the registry: expected the stream ${changeLog.stream} to go on after ${settledTo}, where its bucket ends, but it begins with ${first}: ` +
      "one of the two was emptied or is from another backup; put both back from the same one",
  );
}

/** A document may be settled from a later change than the ones that are applied to it: those it has already. */
function merge(documents: readonly SettledDocument[], changes: readonly LoggedChange[]): readonly StoredDocument[] {
  const merged = new Map(documents.map((each) => [`${each.kind} ${each.id}`, each]));
  for (const { sequence, changes: list } of changes) {
    for (const each of list) {
      const at = `${each.kind} ${each.id}`;
      if ((merged.get(at)?.sequence ?? 0) < sequence) merged.set(at, { sequence, ...each });
    }
  }
  return [...merged.values()].flatMap(({ kind, id, body }) => (body === undefined ? [] : [{ kind, id, body }]));
}
