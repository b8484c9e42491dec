import type { NatsLink } from "@messnetz/nats";
import { AckPolicy, DeliverPolicy } from "@nats-io/jetstream";
import type { PartitionSource } from "./partition.ts";
import type { BusMessage, Subscription } from "./subscription.ts";

interface StreamViewOptions {
  readonly link: NatsLink;
  readonly source: PartitionSource;
  readonly consumer: string;
  readonly inHand: ReadonlyMap<number, BusMessage>;
  readonly lastTaken: () => number;
}

const probeInactiveNs = 5_000_000_000;

/** What a writer asks about its partition beside the messages. */
export function createStreamView(
  options: StreamViewOptions,
): Pick<Subscription, "lag" | "fill" | "firstSeqSince" | "purge"> {
  const { manager } = options.link;
  const { stream, subject } = options.source;

  async function oldestTime(): Promise<number | undefined> {
    const [oldest] = options.inHand.values();
    if (oldest !== undefined) return oldest.publishedAt;
    const message = await manager.direct.getMessage(stream, { seq: options.lastTaken() + 1, next_by_subj: subject });
    return message?.time.getTime();
  }

  return {
    async lag() {
      const info = await manager.consumers.info(stream, options.consumer);
      // A purge makes nats-server 2.9 forget what it has delivered, and what is on its way is not in hand yet.
      const messages = info.num_pending + Math.max(info.num_ack_pending, options.inHand.size);
      if (messages === 0) return { messages, oldestMs: 0 };
      const oldest = await oldestTime();
      return { messages, oldestMs: oldest === undefined ? 0 : Math.max(0, Date.now() - oldest) };
    },

    async fill() {
      const { config, state } = await manager.streams.info(stream);
      return { bytes: state.bytes, maxBytes: config.max_bytes };
    },

    firstSeqSince: (instant) => firstSeqSince(options.link, options.source, instant),

    async purge(upToSeq) {
      await manager.streams.purge(stream, { filter: subject, seq: upToSeq + 1 });
    },
  };
}

export async function firstSeqSince(link: NatsLink, source: PartitionSource, instant: number): Promise<number> {
  const { consumers } = link.manager;
  // Only a consumer finds a time by search; there is none in the direct API before 2.11.
  const probe = await consumers.add(source.stream, {
    filter_subject: source.subject,
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: new Date(instant).toISOString(),
    ack_policy: AckPolicy.None,
    inactive_threshold: probeInactiveNs,
    mem_storage: true,
  });
  await consumers.delete(source.stream, probe.name);
  return probe.delivered.stream_seq + 1;
}
