import type { JsonItemsWriter } from "@messnetz/exports";
import type { ObservationChunk } from "@messnetz/model";
import type { FastifyReply } from "fastify";

export interface ItemsReply {
  readonly items: readonly ObservationChunk[];
  readonly writeItems: JsonItemsWriter;
  /** Further members of the answer. */
  readonly more?: object | undefined;
}

/** Sends `{"items":[...], ...more}`, with the observations written straight from their columns: no object for each. */
export function replyWithItems(reply: FastifyReply, { items, writeItems, more = {} }: ItemsReply) {
  const members = JSON.stringify(more).slice(1);
  const end = members === "}" ? members : `,${members}`;
  const body = writeItems(items, { before: '{"items":[', after: `]${end}` });
  return reply.type("application/json; charset=utf-8").send(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
}
