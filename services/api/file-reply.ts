import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { type Compression, createDigest, type ExportFormat } from "@messnetz/exports";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type ApiContext, payerOf, principalOf } from "./api-server.ts";
import { createExportSlots } from "./export-slots.ts";

/** A file that is made while it is sent. */
export interface FileToSend {
  readonly format: Pick<ExportFormat, "name" | "contentType">;
  readonly compression?: Compression | undefined;
  readonly name: string;
  /** What was asked for, as the audit log keeps it. */
  readonly subject: string;
  /** The whole file uncompressed, piece by piece. `begin` what it is made of: then a store that cannot be read gives a problem and no half file. */
  readonly open: (begin: Begin) => Promise<AsyncIterable<Uint8Array>>;
  /** Absent: nobody keeps it. */
  readonly cacheControl?: string;
  /** How many rows have been read for it so far. */
  readonly rows: () => number;
}

/**
 * The same, with the first of it read already. It is closed with the file, even where nobody has read of it: a generator around it that was never
 * begun would not close it.
 */
type Begin = <T>(chunks: AsyncIterable<T>) => Promise<AsyncIterable<T>>;

export type FileSender = (request: FastifyRequest, reply: FastifyReply, file: FileToSend) => Promise<FastifyReply>;

/** What waits for a slow reader. */
const waitingBytes = 1 << 18;

/**
 * Sends files: so many at a time, each in the audit log, in constant memory, with its digest as a trailer (RFC 9530) that tells a whole file from a
 * broken one. A store that fails before the first row gives a problem and no half file.
 */
export function createFileSender({
  limits,
  events,
  recorder,
}: Pick<ApiContext, "limits" | "events" | "recorder">): FileSender {
  const slots = createExportSlots(limits);
  return async function sendFile(request, reply, file) {
    const { format, compression, name, subject, open, rows, cacheControl = "no-store, no-transform" } = file;
    // RFC 9110, 9.3.2: as GET would answer, but for what only making the file tells.
    if (request.method === "HEAD") return described().send(Readable.from([]));
    const principal = principalOf(request);
    const release = slots.take(payerOf(request).key);
    const begun: AsyncIterator<unknown>[] = [];
    let isFailed = false;
    let isWhole = false;
    try {
      const recordEnd = await recorder.beginExport({ principal, subject });
      const plain = await open(begin).catch((error: unknown) => {
        close();
        recordEnd(reply.raw.destroyed ? "aborted" : "failed", rows());
        throw error;
      });
      const digest = createDigest(compression === undefined ? plain : compression.compress(plain));
      const body = Readable.from(watched(digest.pieces), { objectMode: false, highWaterMark: waitingBytes });
      body.once("close", () => {
        close();
        release();
        const end = isWhole ? "complete" : isFailed ? "failed" : "aborted";
        recordEnd(end, rows());
        events.exportEnded(end, { principal: principal.id, format: format.name, bytes: digest.value().bytes });
      });
      // Nothing would ever pull at the body of a client that left while the first of it was read.
      if (reply.raw.destroyed) body.destroy();
      else reply.raw.once("close", () => body.destroy());
      return await described()
        .trailer("repr-digest", async () => digest.value().field)
        .send(body);
    } catch (error) {
      release();
      throw error;
    }

    function described(): FastifyReply {
      return (
        reply
          .type(compression?.contentType ?? format.contentType)
          // Nobody on the way may change its bytes: the digest is over them.
          .header("cache-control", cacheControl)
          .header("vary", "authorization")
          .header("content-disposition", `attachment; filename="${name}"`)
      );
    }

    async function begin<T>(chunks: AsyncIterable<T>): Promise<AsyncIterable<T>> {
      const iterator = chunks[Symbol.asyncIterator]();
      begun.push(iterator);
      return beginning(await iterator.next(), iterator);
    }

    function close(): void {
      for (const iterator of begun) void Promise.resolve(iterator.return?.()).catch(() => undefined);
    }

    async function* watched(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      try {
        for await (const piece of pieces) {
          yield piece;
          // An export must not keep the road waiting: what came in meanwhile goes first.
          await setImmediate();
        }
        isWhole = true;
      } catch (error) {
        // Whatever fails once the client has gone, fails because it has gone.
        isFailed = !reply.raw.destroyed;
        throw error;
      }
    }
  };
}

async function* beginning<T>(first: IteratorResult<T>, iterator: AsyncIterator<T>): AsyncGenerator<T> {
  try {
    for (let next = first; next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
