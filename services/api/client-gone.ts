import type { FastifyReply } from "fastify";
import { Problem } from "./problem.ts";

/**
 * What a store hands out, as long as the client is there to hear of it: once it has gone, the store is told to stop, and whoever reads gets the
 * problem `abandoned`, which nobody will see.
 */
export async function* whileWanted<T>(chunks: AsyncIterable<T>, { raw }: Pick<FastifyReply, "raw">): AsyncGenerator<T> {
  for await (const chunk of chunks) {
    if (raw.destroyed) throw new Problem("abandoned", "expected a client that waits for its answer; it has gone");
    yield chunk;
  }
}
