import type { Source } from "@messnetz/model";
import { createMetrics, type Logger } from "@messnetz/runtime";
import { type IngestConfig, ingestConfigSchema } from "../config.ts";
import { createEvents } from "../events.ts";
import { createIntake } from "../intake.ts";
import type { Intake, IntakeOptions } from "../intake-port.ts";
import { createTrialPublisher, type TrialPublisher } from "../trial-publisher.fixture.ts";
import { trialRoad } from "../trial-road.fixture.ts";
import { type Bridge, type BridgeOptions, createBridge } from "./bridge.ts";
import { type Broker, brokerSchema } from "./bridge-file-schema.ts";
import type { BridgePlan } from "./bridge-file.ts";
import type { Sources } from "./bridge-session.ts";

export interface TrialBridge extends AsyncDisposable {
  readonly bridge: Bridge;
  readonly intake: Intake;
  readonly publisher: TrialPublisher;
  readonly log: { readonly level: string; readonly fields: Record<string, unknown>; readonly text: string }[];
  /** Logged at least once: a line whose text matches. */
  told(pattern: RegExp): boolean;
  /** The value of a metric with its labels, as it is scraped. */
  metric(series: string): Promise<number>;
  /** Payload values in order of commit, of all batches. */
  values(): number[];
  /** Distinct ones, and how many messages were marked as repeated. */
  distinct(): number;
  repeated(): number;
}

export interface TrialSources extends Sources {
  put(source: Source): void;
  revoke(id: string): void;
}

export const bridgeSource: Source = { id: "field", operator: "town", topics: ["#"], adopt: [] };

/** A registry that holds the credential of the bridge, unless told otherwise. */
export function createTrialSources(list: readonly Source[] = [bridgeSource]): TrialSources {
  const sources = new Map(list.map((source) => [source.id, source]));
  const revoked = new Set<string>();
  let version = 1;
  return {
    get version() {
      return version;
    },
    source: (id) => sources.get(id),
    isActive: (id) => sources.has(id) && !revoked.has(id),
    put(source) {
      version++;
      revoked.delete(source.id);
      sources.set(source.id, source);
    },
    revoke(id) {
      version++;
      revoked.add(id);
    },
  };
}

/** One broker with one session `trial` for `town/#`, differences aside. */
export function planFor(
  url: string,
  differences: { readonly broker?: object; readonly session?: object } = {},
): BridgePlan {
  const { sessions, ...broker }: Broker = brokerSchema.parse({
    name: "broker",
    url,
    source: "field",
    ...differences.broker,
    sessions: [{ name: "trial", topics: ["town/#"], ...differences.session }],
  });
  return { broker, session: sessions[0]! };
}

export interface TrialBridgeOptions {
  readonly plans: readonly BridgePlan[];
  readonly sources?: Sources;
  readonly publisher?: TrialPublisher;
  readonly config?: Partial<Record<keyof IngestConfig, string>>;
  readonly intake?: Partial<IntakeOptions>;
  readonly answerWithinMs?: number;
  readonly keptSessions?: BridgeOptions["keptSessions"];
}

/** A bridge that looks around every 20 ms, before a publisher for trials. */
export function openTrialBridge(options: TrialBridgeOptions): TrialBridge {
  const config = ingestConfigSchema.parse(options.config ?? {});
  const publisher = options.publisher ?? createTrialPublisher();
  const log: TrialBridge["log"] = [];
  const write = (level: string) => (fields: object, text: string) =>
    void log.push({ level, fields: { ...fields }, text });
  const logger = { info: write("info"), warn: write("warn"), error: write("error") } as unknown as Logger;
  const metrics = createMetrics({ process: false });
  const intake = createIntake({
    config,
    publisher,
    road: trialRoad,
    receipts: publisher.snapshot().receipts,
    adopt: () => [],
    flushAdoptions: async () => {},
    timeZone: "Europe/Berlin",
    events: createEvents({ log: logger, metrics }),
    ...options.intake,
  });
  const bridge = createBridge({
    plans: options.plans,
    config,
    intake,
    sources: options.sources ?? createTrialSources(),
    log: logger,
    metrics,
    keptSessions: options.keptSessions ?? [],
    lookEveryMs: 20,
    retryAfterMs: () => 10,
    ...(options.answerWithinMs !== undefined && { answerWithinMs: options.answerWithinMs }),
  });
  const values = (): number[] =>
    publisher.messages().flatMap(({ observations }) => observations.map(({ result }) => Number(result)));
  return {
    bridge,
    intake,
    publisher,
    log,
    told: (pattern) => log.some(({ text }) => pattern.test(text)),
    async metric(series) {
      const { text } = await metrics.scrape();
      const line = text.split("\n").find((one) => one.startsWith(`${series} `));
      if (line === undefined) throw new Error(`expected the series ${series}, came:\n${text}`);
      return Number(line.slice(series.length));
    },
    values,
    distinct: () => new Set(values()).size,
    repeated: () => publisher.messages().filter(({ repeated }) => repeated).length,
    async [Symbol.asyncDispose]() {
      publisher.become("commit");
      await bridge.close(2000);
      await intake.close(2000);
    },
  };
}
