import { JetStreamApiError } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import type { NatsLink } from "@messnetz/nats";
import { z } from "zod";
import type { ForeignChange } from "../documents.ts";
import { RegistryError } from "../error.ts";
import { documentKey } from "./document-key.ts";
import { readStreamPart, streamRange } from "./stream-reader.ts";

/** The bucket of documents, and its stream as NATS names it. */
export const bucket = { name: "registry", stream: "KV_registry", subjects: "$KV.registry.>" } as const;
/** Holds the sequence up to which the log has been settled: it may be purged so far. */
const settledKey = "settled";

/** A document as of the change with that sequence in the log. Without a body it was removed: the sequence must stay. */
export interface SettledDocument extends ForeignChange {
  readonly sequence: number;
}

const valueSchema = z.object({
  sequence: z.int(),
  kind: z.string().optional(),
  id: z.string().optional(),
  document: z.unknown().optional(),
});

/** Where changes settle: one key for each document. */
export interface SettledDocuments {
  /** All, from the stream's storage; `settledTo` is 0 where nothing was settled yet. */
  load(withinMs: number): Promise<{ readonly documents: readonly SettledDocument[]; readonly settledTo: number }>;
  /** Writes it unless the bucket has it from a later change: then somebody else was faster. */
  settle(document: SettledDocument): Promise<void>;
  settledTo(sequence: number): Promise<void>;
}

/** `err_code` of "wrong last sequence", in both forms (nats-server, server/errors.json). */
const conflicts = new Set([10_071, 10_164]);
const maxTries = 20;
/** Documents are small. */
const window = 1_000;

export async function openSettledDocuments(link: NatsLink): Promise<SettledDocuments> {
  const kv = await new Kvm(link.jetstream).open(bucket.name);

  async function put(key: string, value: z.infer<typeof valueSchema>): Promise<void> {
    const text = JSON.stringify(value);
    for (let tries = 0; tries < maxTries; tries++) {
      const known = await kv.get(key);
      if (known !== null && known.length > 0 && parseValue(key, known.string()).sequence >= value.sequence) return;
      if (await tryPut(kv, { key, text, revision: known?.revision ?? 0 })) return;
    }
    throw new Error(`${bucket.name} ${key}: expected to be written in ${maxTries} tries, others were always faster`);
  }

  return {
    async load(withinMs) {
      const { first, last } = await streamRange(link, bucket.stream);
      const values = new Map<string, z.infer<typeof valueSchema>>();
      await readStreamPart(link, {
        stream: bucket.stream,
        from: first,
        to: last,
        window,
        withinMs,
        take(message) {
          if (message.data.length > 0) values.set(message.subject, parseValue(message.subject, message.string()));
        },
      });
      let settledTo = 0;
      const documents: SettledDocument[] = [];
      for (const { sequence, kind, id, document } of values.values()) {
        if (kind === undefined || id === undefined) settledTo = Math.max(settledTo, sequence);
        else if (document === undefined) documents.push({ sequence, kind, id });
        else documents.push({ sequence, kind, id, body: JSON.stringify(document) });
      }
      return { documents, settledTo };
    },
    async settle({ sequence, kind, id, body }) {
      const document: unknown = body === undefined ? undefined : JSON.parse(body);
      await put(documentKey(kind, id), { sequence, kind, id, document });
    },
    settledTo: async (sequence) => put(settledKey, { sequence }),
  };
}

/** False where another process has written the key since. */
async function tryPut(
  kv: KV,
  { key, text, revision }: { readonly key: string; readonly text: string; readonly revision: number },
): Promise<boolean> {
  try {
    await kv.put(key, text, { previousSeq: revision });
    return true;
  } catch (error) {
    if (error instanceof JetStreamApiError && conflicts.has(error.code)) return false;
    throw error;
  }
}

function parseValue(key: string, text: string): z.infer<typeof valueSchema> {
  try {
    return valueSchema.parse(JSON.parse(text));
  } catch (cause) {
    const came = text.slice(0, 200);
    throw new RegistryError("corrupt", `bucket ${bucket.name}, ${key}: expected a document, came ${came}`, { cause });
  }
}
