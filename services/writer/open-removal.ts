import { isSettledTo, lastPublished, otherDomain, purgeTo } from "@messnetz/bus";
import { domains } from "@messnetz/model";
import type { NatsLink } from "@messnetz/nats";
import type { Shutdown } from "@messnetz/runtime";
import {
  announceRemoval,
  type InfluxStore,
  type JetStreamAuditLog,
  type JetStreamLedger,
  type JetStreamQuarantine,
  serveErasures,
} from "@messnetz/store";
import type { WriterConfig } from "./config.ts";
import { eraseAll } from "./erasure.ts";
import type { WriterEvents } from "./events.ts";
import { keepRetention } from "./retention.ts";

export interface RemovalParts {
  readonly config: Pick<WriterConfig, "MESSNETZ_RETENTION" | "MESSNETZ_WRITER_PARTITIONS">;
  readonly link: NatsLink;
  readonly store: InfluxStore;
  readonly quarantine: JetStreamQuarantine;
  readonly ledger: JetStreamLedger;
  readonly audit: JetStreamAuditLog | undefined;
  readonly events: WriterEvents;
  readonly shutdown: Shutdown;
}

/** Erasures wait so long for what is on the bus to be written. */
const catchUpMs = 30_000;
const firstRetentionMs = 1000;
const retentionEveryMs = 600_000;

/** The writer has the account that may delete: it carries out what the API asks for, and what the rules say. */
export async function openRemoval(parts: RemovalParts): Promise<void> {
  const { config, link, store, quarantine, ledger, audit, events, shutdown } = parts;
  const erasures = await serveErasures({
    link,
    erase: (request) =>
      eraseAll(
        {
          partitions: [...domains, otherDomain],
          lastPublished: (partition) => lastPublished(link, partition),
          isWritten: async (partition, seq) =>
            ((await ledger.positions()).get(partition)?.writtenTo ?? 0) >= seq || isSettledTo(link, partition, seq),
          purgeTo: (partition, seq) => purgeTo(link, partition, seq),
          store,
          quarantine,
          patienceMs: catchUpMs,
          signal: shutdown.signal,
        },
        request,
      ),
    onErased: events.erased,
    onFailed: events.erasureFailed,
  });
  shutdown.defer("erasures", erasures.close);
  if (audit === undefined) return;
  const retention = keepRetention({
    partitions: config.MESSNETZ_WRITER_PARTITIONS,
    rules: config.MESSNETZ_RETENTION,
    store,
    audit,
    announce: (removed) => announceRemoval(link, removed),
    clock: Date.now,
    firstMs: firstRetentionMs,
    everyMs: retentionEveryMs,
    events,
  });
  shutdown.defer("retention", retention.close);
}
