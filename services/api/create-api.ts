import type { Catalogue, EpochMs } from "@messnetz/model";
import type { Registry } from "@messnetz/registry";
import { assertSafeBinding, type Health, type Logger, type Metrics } from "@messnetz/runtime";
import type { Decoding, MessageDoor, Origin } from "./api-server.ts";
import type { ApiLimits } from "./config.ts";
import { createServer, type TlsFiles } from "./create-server.ts";
import { createEvents } from "./events.ts";
import { createFileSender } from "./file-reply.ts";
import { createRates } from "./rates.ts";
import { createRecorder } from "./recorder.ts";
import { guardStore, type ReadableStore } from "./store-guard.ts";

export interface ApiOptions {
  readonly store: ReadableStore;
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  /** Names of the device profiles (`<maker>/<model>`) that devices may have. Absent: any name is taken. */
  readonly profiles?: ReadonlySet<string>;
  /** Where devices and network servers post to. Absent: this process takes no messages. */
  readonly messages?: MessageDoor;
  /** How messages are decoded, to show what would become of one. Absent: the API does not show it. */
  readonly decoding?: Decoding;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly log: Logger;
  /** Now, in epoch milliseconds. */
  readonly clock: () => EpochMs;
  /** IANA zone of the town: local times of office files. */
  readonly timeZone: string;
  readonly limits: ApiLimits;
  /** Whose data it is, for files that can say so. */
  readonly origin?: Origin;
  /** Absent: plain HTTP, on loopback only. */
  readonly tls?: TlsFiles;
  /** How long running answers may go on after `close`; default 3,000. */
  readonly closeGraceMs?: number;
}

export interface Api {
  /** Resolves with the address to use: `http://127.0.0.1:8080`. Rejects with an `UnsafeBindingError` for a wide address without TLS. */
  listen(host: string, port: number): Promise<string>;
  /** Undefined until it listens. */
  readonly address: string | undefined;
  /** Takes no new requests, lets running answers end for a while, then cuts them off. */
  close(): Promise<void>;
}

const defaultCloseGraceMs = 3000;

export async function createApi(options: ApiOptions): Promise<Api> {
  const { log, metrics, tls, limits, closeGraceMs = defaultCloseGraceMs } = options;
  const events = createEvents(log, metrics);
  const recorder = createRecorder(options.store.audit, events);
  const server = await createServer(
    {
      ...options,
      events,
      rates: createRates(limits.rates, () => performance.now()),
      recorder,
      files: createFileSender({ limits, events, recorder }),
      origin: options.origin ?? {},
      store: guardStore(options.store, limits.storeTimeoutMs),
    },
    tls,
  );
  let address: string | undefined;
  return {
    async listen(host, port) {
      const what = "the HTTP API (MESSNETZ_HTTP_HOST, MESSNETZ_HTTP_TLS_CERT, MESSNETZ_HTTP_TLS_KEY)";
      assertSafeBinding({ host, tls: tls !== undefined, what });
      address = await server.listen({ host, port });
      events.listening(address);
      return address;
    },
    get address() {
      return address;
    },
    async close() {
      const cut = setTimeout(() => server.server.closeAllConnections(), closeGraceMs);
      try {
        await server.close();
      } finally {
        clearTimeout(cut);
      }
    },
  };
}
