import type { NatsLink } from "@messnetz/nats";
import type { ErasureReceipt, ErasureRequest } from "../erasure.ts";
import {
  announceRemoval,
  definedOf,
  erasureQueue,
  type ErasureReply,
  erasureSubjects,
  parseJson,
  requestSchema,
  workingEveryMs,
} from "./erasure-wire.ts";

export interface ErasureService {
  readonly link: NatsLink;
  readonly erase: (request: ErasureRequest) => Promise<ErasureReceipt>;
  readonly onErased: (receipt: ErasureReceipt) => void;
  readonly onFailed: (cause: unknown) => void;
}

type Msg = Parameters<NonNullable<NonNullable<Parameters<NatsLink["connection"]["subscribe"]>[1]>["callback"]>>[1];

/**
 * Carries out what is asked for on the bus, one after the other: for processes that may only read. Resolves when the server knows of it; `close`
 * waits for what is under way.
 */
export async function serveErasures(service: ErasureService): Promise<{ close(): Promise<void> }> {
  const { link, erase, onErased, onFailed } = service;
  let last: Promise<void> = Promise.resolve();

  async function carryOut(payload: string): Promise<ErasureReply> {
    const parsed = requestSchema.safeParse(parseJson(payload));
    if (!parsed.success)
      return { state: "failed", why: "expected a request for an erasure; is the API of another version?" };
    const observations = definedOf(parsed.data.observations);
    try {
      const receipt = await erase({ observations, quarantine: definedOf(parsed.data.quarantine) });
      const { datastreams, quarantined, removedAt } = receipt;
      onErased(receipt);
      return { state: "done", receipt: { observations: receipt.observations, datastreams, quarantined, removedAt } };
    } catch (cause) {
      onFailed(cause);
      return { state: "failed", why: cause instanceof Error ? cause.message : String(cause) };
    } finally {
      // Also what was cut short has removed some of it.
      if (!link.connection.isClosed()) announceRemoval(link, observations);
    }
  }

  async function answer(message: Msg, before: Promise<void>): Promise<void> {
    const reply = (said: ErasureReply): void => {
      if (!link.connection.isClosed()) message.respond(JSON.stringify(said));
    };
    reply({ state: "working" });
    const beat = setInterval(() => reply({ state: "working" }), workingEveryMs);
    try {
      await before;
      reply(await carryOut(message.string()));
    } catch (error) {
      onFailed(error);
    } finally {
      clearInterval(beat);
    }
  }

  const subscription = link.connection.subscribe(erasureSubjects.ask, {
    queue: erasureQueue,
    callback(error, message) {
      if (error !== null) return onFailed(error);
      last = answer(message, last);
    },
  });
  await link.connection.flush();
  return {
    async close() {
      subscription.unsubscribe();
      await last;
    },
  };
}
