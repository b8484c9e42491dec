import { HttpError, InfluxDB, type Transport, type WriteApi } from "@influxdata/influxdb-client";
import type { Connection } from "./connection.ts";

/** How InfluxDB 3 in the cloud says that it took a part; the client takes it for a success. */
const partial = 201;

/**
 * The client's WriteApi with all of its own retries and buffers off: one `writeRecord` and `flush` is one request, and its promise tells how
 * that ended.
 */
export function createWriteApi({ address, agent, headers }: Connection, generation: 1 | 2): WriteApi {
  const { url, database, org = "", timeoutMs } = address;
  const { transport } = new InfluxDB({ url, timeout: timeoutMs, headers: { ...headers }, transportOptions: { agent } });
  const api = new InfluxDB({ url, transport: bound(transport, timeoutMs) }).getWriteApi(org, database, "ns", {
    // A buffer that is never full is never sent by itself, where nobody would hear of a failure.
    batchSize: 2,
    maxBatchBytes: Number.POSITIVE_INFINITY,
    flushInterval: 0,
    maxRetries: 0,
    maxBufferLines: 0,
    // The server is near; compressing costs more than sending.
    gzipThreshold: Number.POSITIVE_INFINITY,
    // The failure goes to who flushes and nowhere else: neither to the client's log nor to its retries.
    async writeFailed(error) {
      throw error;
    },
  });
  if (generation === 1) api.path = `/write?${new URLSearchParams({ db: database, precision: "ns" }).toString()}`;
  else if (org === "")
    api.path = `/api/v2/write?${new URLSearchParams({ bucket: database, precision: "ns" }).toString()}`;
  return api;
}

/** The transport with an end to every request, whatever the server does or leaves undone, and an open eye for what is no full success. */
function bound(inner: Transport, timeoutMs: number): Transport {
  return {
    chunkCombiner: inner.chunkCombiner,
    request: inner.request.bind(inner),
    iterate: inner.iterate.bind(inner),
    send(...[path, body, options, callbacks]: Parameters<Transport["send"]>) {
      const abort = new AbortController();
      let isOver = false;
      let status: number | undefined;
      let text = "";
      const end = (tell: () => void): void => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        tell();
      };
      const timer = setTimeout(() => {
        end(() => callbacks?.error?.(new Error(`no answer within ${timeoutMs} ms`)));
        abort.abort();
      }, timeoutMs);
      inner.send(
        path,
        body,
        { ...options, signal: abort.signal },
        {
          responseStarted(headers, code) {
            status = code;
            callbacks?.responseStarted?.(headers, code);
          },
          next(part) {
            if (status === partial) text += Buffer.from(part).toString();
            return callbacks?.next?.(part);
          },
          error: (error) => end(() => callbacks?.error?.(error)),
          complete() {
            const done = (): void => callbacks?.complete?.();
            const half = (): void => callbacks?.error?.(new HttpError(partial, "partial write", text));
            end(status === partial ? half : done);
          },
        },
      );
    },
  };
}
