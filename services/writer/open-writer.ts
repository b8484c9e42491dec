import { type DecodedBusMessage, quarantinePartition } from "@messnetz/bus";
import { createDayOf } from "@messnetz/model";
import type { Metrics } from "@messnetz/runtime";
import type { Partition, WriterConfig } from "./config.ts";
import { createCountQuarantine, type QuarantineHead } from "./count-quarantine.ts";
import type { WriterEvents } from "./events.ts";
import { startLagWatch } from "./lag-watch.ts";
import { createPersistence } from "./persist.ts";
import type { Keeper, PartitionBook, PreparingStore, Source, StreamMessage } from "./ports.ts";
import { type Pump, type PumpOptions, startPump, type SubscribeFrom } from "./pump.ts";
import type { ThingDomains } from "./thing-domains.ts";
import { startUpkeep } from "./upkeep.ts";
import { createWriteObservations, type WriteStep } from "./write-observations.ts";

/** Bus, ledger, quarantine and store as a writer needs them. */
export interface WriterPorts {
  claim(partition: string): Promise<PartitionBook>;
  isTaken(error: unknown): boolean;
  resumeAt(error: unknown): number | undefined;
  subscribe(partition: string, where: SubscribeFrom): Promise<Source>;
  readMessage(message: StreamMessage): DecodedBusMessage;
  readQuarantineHead(message: StreamMessage): QuarantineHead | undefined;
  readonly keeper: Keeper;
  maxKeptBytes(): number;
  readonly store: PreparingStore;
  readonly domains: ThingDomains;
}

export interface WriterOptions {
  readonly config: Pick<
    WriterConfig,
    | "MESSNETZ_WRITER_PARTITIONS"
    | "MESSNETZ_WRITER_BATCH_OBSERVATIONS"
    | "MESSNETZ_WRITER_BATCH_MB"
    | "MESSNETZ_WRITER_KEEP_HOURS"
    | "MESSNETZ_WRITER_FILL_PERCENT"
    | "MESSNETZ_TIME_ZONE"
  >;
  readonly ports: WriterPorts;
  readonly workingEveryMs: number;
  readonly events: WriterEvents;
  readonly metrics: Metrics;
  readonly onStep?: (step: WriteStep) => void;
}

export interface Writer {
  /** What is wrong with the partitions or the store, undefined where nothing is. */
  trouble(): string | undefined;
  /** Ends reading, finishes what is in hand, gives up after the time. */
  close(withinMs: number): Promise<void>;
}

const upkeepEveryMs = 10_000;
const lagEveryMs = 5000;
const hourMs = 3_600_000;
const megabyte = 1_000_000;

/** Carries the partitions of this process from the bus to the store. */
export function openWriter({ config, ports, workingEveryMs, events, metrics, onStep }: WriterOptions): Writer {
  const partitions = [...new Set(config.MESSNETZ_WRITER_PARTITIONS)];
  const dayOf = createDayOf(config.MESSNETZ_TIME_ZONE);
  const persistences = new Map<string, () => string | undefined>();

  const common = {
    claim: ports.claim,
    isTaken: ports.isTaken,
    resumeAt: ports.resumeAt,
    subscribe: ports.subscribe,
    limits: {
      maxObservations: config.MESSNETZ_WRITER_BATCH_OBSERVATIONS,
      maxBytes: config.MESSNETZ_WRITER_BATCH_MB * megabyte,
    },
    workingEveryMs,
    events,
  } satisfies Partial<PumpOptions<unknown>>;

  function startDomain(domain: Exclude<Partition, typeof quarantinePartition>): Pump {
    const persistence = createPersistence({ onFailed: events.storeFailed, onRecovered: events.storeRecovered });
    persistences.set(domain, persistence.trouble);
    return startPump({
      ...common,
      partition: domain,
      work: createWriteObservations({
        domain,
        read: ports.readMessage,
        store: ports.store,
        keeper: ports.keeper,
        maxKeptBytes: ports.maxKeptBytes,
        day: dayOf,
        learn: ports.domains.learn,
        persist: persistence.persist,
        events,
        ...(onStep && { onStep }),
      }),
    });
  }

  const pumps = partitions.map((partition) =>
    partition === quarantinePartition
      ? startPump({ ...common, partition, work: createCountQuarantine(ports.readQuarantineHead) })
      : startDomain(partition),
  );
  const lags = startLagWatch({ pumps, everyMs: lagEveryMs, events });
  const upkeep = startUpkeep({
    // The quarantine has an age of its own, and is read as long as it lasts.
    pumps: pumps.filter(({ partition }) => partition !== quarantinePartition),
    keepMs: config.MESSNETZ_WRITER_KEEP_HOURS * hourMs,
    maxFillPercent: config.MESSNETZ_WRITER_FILL_PERCENT,
    everyMs: upkeepEveryMs,
    events,
  });
  metrics.gauges({
    name: "messnetz_writer_lag_messages",
    help: "Messages of the bus that are not written yet",
    labels: { partition: partitions },
    read: ({ partition }) => lags.of(partition)?.messages ?? Number.NaN,
  });
  metrics.gauges({
    name: "messnetz_writer_oldest_unwritten_seconds",
    help: "Since the oldest message that is not written yet was published",
    labels: { partition: partitions },
    read: ({ partition }) => (lags.of(partition)?.oldestMs ?? Number.NaN) / 1000,
  });

  return {
    trouble() {
      const troubles = pumps.flatMap(({ partition, trouble }) => {
        const what = trouble() ?? persistences.get(partition)?.();
        return what === undefined ? [] : [`${partition}: ${what}`];
      });
      return troubles.length === 0 ? undefined : troubles.join("; ");
    },
    async close(withinMs) {
      await Promise.all([upkeep.close(), lags.close(), ...pumps.map((pump) => pump.close(withinMs))]);
    },
  };
}
