import type { FastifyReply } from "fastify";
import { Problem } from "./problem.ts";
import type { GuardedStore } from "./store-guard.ts";

/**
 * What a store hands out, as long as the client is there to hear of it: once it has gone, the store is told to stop, and whoever reads gets the
 * problem `abandoned`, which nobody will see.
 */
async function* whileWanted<T>(chunks: AsyncIterable<T>, { raw }: Pick<FastifyReply, "raw">): AsyncGenerator<T> {
  for await (const chunk of chunks) {
    if (raw.destroyed) throw new Problem("abandoned", "expected a client that waits for its answer; it has gone");
    yield chunk;
  }
}

/** The store, as long as the client of the reply is there: also where much is read before anything comes of it. */
export function storeFor(reply: Pick<FastifyReply, "raw">, { observations }: Pick<GuardedStore, "observations">) {
  return {
    observations: {
      latest: observations.latest,
      read: (...query: Parameters<typeof observations.read>) => whileWanted(observations.read(...query), reply),
      aggregate: (...query: Parameters<typeof observations.aggregate>) =>
        whileWanted(observations.aggregate(...query), reply),
    },
  };
}
