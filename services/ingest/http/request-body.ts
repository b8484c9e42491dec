import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { DoorProblem } from "./problem.ts";

/** The client went before its body was whole. */
export class CutOffError extends Error {
  override readonly name = "CutOffError";
}

/** A body, chunk by chunk; nothing is read ahead of who asks. */
export interface RequestBody {
  /**
   * The next bytes; undefined at the end. Rejects with a `DoorProblem` (too slow, not what its coding says, more than it may unpack to), or
   * with a `CutOffError`.
   */
  next(withinMs: number): Promise<Buffer | undefined>;
  /** Makes the `next` that waits reject, and every other one. */
  stop(error: Error): void;
}

/** A body that is sent packed may unpack to so many times what came, beyond what is small anyway. */
const maxExpansion = 200;
const freeExpansionBytes = 10_000_000;

/** Throws a `DoorProblem` for a coding other than gzip. */
export function openBody(request: IncomingMessage): RequestBody {
  const coding = request.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (coding !== "identity" && coding !== "gzip")
    throw new DoorProblem(
      "unsupported-media-type",
      `expected a body as it is, or with content-encoding gzip; came ${coding.slice(0, 50)}`,
    );
  const cutOff = new CutOffError("expected a whole body; the client went before its end");
  if (coding === "identity") {
    const body = readStream(request);
    request.once("close", () => {
      if (!request.complete) body.stop(cutOff);
    });
    return body;
  }
  let packed = 0;
  request.on("data", (chunk: Buffer) => (packed += chunk.length));
  const unpacked = request.pipe(createGunzip());
  const body = readStream(unpacked);
  request.once("close", () => {
    if (!request.complete) body.stop(cutOff);
  });
  request.once("error", () => body.stop(cutOff));
  let came = 0;
  return {
    stop(error) {
      request.unpipe(unpacked);
      unpacked.destroy();
      body.stop(error);
    },
    async next(withinMs) {
      const chunk = await body.next(withinMs);
      came += chunk?.length ?? 0;
      if (came > freeExpansionBytes + maxExpansion * packed)
        throw new DoorProblem("too-large", `expected a body that unpacks to at most ${maxExpansion} times its size`);
      return chunk;
    },
  };
}

function readStream(stream: Readable): RequestBody {
  let ready: Buffer | undefined;
  let isEnded = false;
  let failure: Error | undefined;
  let waiting: { readonly resolve: () => void; readonly timer: NodeJS.Timeout } | undefined;

  function wake(): void {
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    waiting.resolve();
    waiting = undefined;
  }

  function stop(error: Error): void {
    failure ??= error;
    wake();
  }

  stream.pause();
  stream.on("data", (chunk: Buffer) => {
    // Several may come in one turn where something was read ahead before we asked.
    ready = ready === undefined ? chunk : Buffer.concat([ready, chunk]);
    stream.pause();
    wake();
  });
  stream.once("end", () => {
    isEnded = true;
    wake();
  });
  stream.once("error", (error) =>
    stop(
      "code" in error && String(error.code).startsWith("Z_")
        ? new DoorProblem("invalid-request", `expected a body in gzip; came something else (${error.message})`)
        : new CutOffError("expected a whole body; the connection broke", { cause: error }),
    ),
  );

  return {
    stop,
    async next(withinMs) {
      // What came before a failure of the line is still good.
      if (ready === undefined && !isEnded && failure === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(
          () => stop(new DoorProblem("too-slow", `expected the next part of the body within ${withinMs} ms`)),
          withinMs,
        );
        waiting = { resolve, timer };
        stream.resume();
        await promise;
      }
      const chunk = ready;
      ready = undefined;
      if (chunk !== undefined) return chunk;
      if (failure !== undefined) throw failure;
      return undefined;
    },
  };
}
