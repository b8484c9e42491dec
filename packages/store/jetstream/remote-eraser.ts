import { randomUUID } from "node:crypto";
import type { NatsLink } from "@messnetz/nats";
import { StoreUnavailableError } from "../errors.ts";
import { type ErasureReceipt, type ErasureRequest, type Eraser, previewErasure } from "../erasure.ts";
import { type ErasureReply, erasureSubjects, parseJson, replySchema, workingEveryMs } from "./erasure-wire.ts";

export interface RemoteEraserOptions {
  readonly link: NatsLink;
  /** What counts: it may only read. */
  readonly places: Parameters<typeof previewErasure>[0];
  /** How long a writer may be silent. */
  readonly silenceMs?: number;
}

/** NATS: nobody listens to the subject. */
const noResponders = 503;

/** Erases through a writer, which has the account that may. */
export function createRemoteEraser({ link, places, silenceMs = 5 * workingEveryMs }: RemoteEraserOptions): Eraser {
  return {
    preview: async (request) => previewErasure(places, request),
    erase: (request) => askWriter(link, request, silenceMs),
  };
}

async function askWriter(link: NatsLink, request: ErasureRequest, silenceMs: number): Promise<ErasureReceipt> {
  const payload = JSON.stringify(request);
  if (Buffer.byteLength(payload) > link.maxPayloadBytes)
    throw new StoreUnavailableError(
      "expected an erasure that names less: this one does not fit into a message of NATS, and nothing was done",
    );
  if (!link.isConnected()) throw new StoreUnavailableError("expected a connection with NATS; nothing was done");
  const { promise, resolve, reject } = Promise.withResolvers<ErasureReceipt>();
  const fail = (why: string): void => reject(new StoreUnavailableError(why));
  const silent = setTimeout(() => fail("expected the writer to say that it goes on; it is silent"), silenceMs);
  const inbox = `_INBOX.${randomUUID()}`;
  const subscription = link.connection.subscribe(inbox, {
    callback(error, message) {
      if (error !== null) return fail(`expected an answer of a writer, came: ${error.message}`);
      if (message.headers?.code === noResponders)
        return fail("expected a writer that carries it out; none runs, and nothing was done");
      const reply = readReply(message.string());
      if (reply === undefined) return fail("expected an answer of a writer; is it of another version?");
      if (reply.state === "failed") return fail(reply.why);
      if (reply.state === "done") return resolve(reply.receipt);
      silent.refresh();
    },
  });
  const stopListening = link.onDisconnect(() => fail("the connection with NATS was lost before the receipt came"));
  try {
    link.connection.publish(erasureSubjects.ask, payload, { reply: inbox });
    return await promise;
  } finally {
    clearTimeout(silent);
    stopListening();
    subscription.unsubscribe();
  }
}

function readReply(text: string): ErasureReply | undefined {
  return replySchema.safeParse(parseJson(text)).data;
}
