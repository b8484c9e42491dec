import type { FastifyReply } from "fastify";
import type { ReadOptions } from "@messnetz/store";
import type { PlannedQuery } from "./plan.ts";
import { Problem } from "./problem.ts";
import type { GuardedStore } from "./store-guard.ts";

/**
 * What a store hands out, as long as the client is there to hear of it: once it has gone, the store is told to stop, and whoever reads gets the
 * problem `abandoned`, which nobody will see.
 */
async function* whileWanted<T>(chunks: AsyncIterable<T>, { raw }: Pick<FastifyReply, "raw">): AsyncGenerator<T> {
  for await (const chunk of chunks) {
    if (raw.destroyed) throw abandoned();
    yield chunk;
  }
}

function abandoned(): Problem {
  return new Problem("abandoned", "expected a client that waits for its answer; it has gone");
}

/**
 * The store, as long as the client of the reply is there: also where much is read before anything comes of it. What the store is fetching when the
 * client goes is cancelled.
 */
export function storeFor(reply: Pick<FastifyReply, "raw">, { observations }: Pick<GuardedStore, "observations">) {
  const leaving = new AbortController();
  if (reply.raw.destroyed) leaving.abort(abandoned());
  else reply.raw.once("close", () => leaving.abort(abandoned()));
  const { signal } = leaving;
  return {
    observations: {
      latest: observations.latest,
      read: (query: PlannedQuery, options?: ReadOptions) =>
        whileWanted(observations.read(query, { ...options, signal }), reply),
      aggregate: (...query: Parameters<typeof observations.aggregate>) =>
        whileWanted(observations.aggregate(...query), reply),
    },
  };
}
