import type { EpochMs } from "@messnetz/model";
import { backOffMs, type Logger, type Metrics } from "@messnetz/runtime";
import type { IngestConfig } from "../config.ts";
import { createControlPackets } from "../control-packets.ts";
import type { Intake } from "../intake-port.ts";
import type { KeptSession } from "../sessions.ts";
import { createBridgeEvents, tellSessions } from "./bridge-events.ts";
import { type BridgePlan, clientOf } from "./bridge-file.ts";
import { ownOverlaps } from "./bridge-file-rules.ts";
import { addressOf } from "./bridge-file-schema.ts";
import { type BridgeSession, createBridgeSession, type Sources } from "./bridge-session.ts";

export interface BridgeOptions {
  readonly plans: readonly BridgePlan[];
  readonly config: IngestConfig;
  readonly intake: Intake;
  readonly sources: Sources;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  readonly metrics: Metrics;
  /** As the store kept them when the process was started: a broker that has none of one that stands here has forgotten it. */
  readonly keptSessions: readonly Pick<KeptSession, "client">[];
  readonly clock?: () => EpochMs;
  /** How long to wait after so many attempts that failed in a row; absent: up to 30 s, by chance. */
  readonly retryAfterMs?: (failures: number) => number;
  /** How often timeouts and credentials are seen to; 1,000 ms when absent. */
  readonly lookEveryMs?: number;
  /** How long a broker may take to answer; 30,000 ms when absent. */
  readonly answerWithinMs?: number;
}

export interface Bridge {
  /** Of the sessions that do not receive: the name, and why. */
  troubles(): readonly string[];
  /** Reads no more, acknowledges what becomes durable within `withinMs` (10 s), and leaves the brokers. Nothing is acknowledged after. */
  close(withinMs?: number): Promise<void>;
}

const reconnecting = { firstMs: 500, maxMs: 30_000 };
const lookEveryMs = 1000;
const answerWithinMs = 30_000;
const defaultCloseMs = 10_000;

/**
 * Reads brokers that are already there: one client with a session of its own per plan, at QoS 1. A PUBACK goes out after the commit, in
 * the order of the publishes. It begins at once and connects for ever.
 */
export function createBridge(options: BridgeOptions): Bridge {
  const { plans, config, intake, metrics } = options;
  const events = createBridgeEvents({ log: options.log, metrics, sessions: plans.map(({ session }) => session.name) });
  const ending = new AbortController();
  const control = createControlPackets();
  const lookMs = options.lookEveryMs ?? lookEveryMs;
  let now = performance.now();
  warn();

  const sessions = new Map<string, BridgeSession>(
    plans.map((plan) => [
      plan.session.name,
      createBridgeSession({
        plan,
        intake,
        sources: options.sources,
        events,
        limits: {
          maxPacketBytes: config.MESSNETZ_MQTT_MAX_PACKET_BYTES,
          maxInFlightBytes: config.MESSNETZ_MQTT_MAX_IN_FLIGHT_BYTES,
          writeTimeoutMs: config.MESSNETZ_MQTT_WRITE_TIMEOUT_MS,
          answerWithinMs: options.answerWithinMs ?? answerWithinMs,
        },
        control,
        isKept: options.keptSessions.some(({ client }) => client === clientOf(plan)),
        now: () => now,
        clock: options.clock ?? Date.now,
        retryAfterMs: options.retryAfterMs ?? ((failures) => backOffMs(failures, reconnecting)),
        lookEveryMs: lookMs,
      }),
    ]),
  );
  tellSessions(metrics, sessions);
  const all = [...sessions.values()];
  const unwatch = intake.watch({
    pause: () => all.forEach((session) => session.pause()),
    resume: () => all.forEach((session) => session.resume()),
    abandon: () => all.forEach((session) => session.abandon()),
  });
  const looking = setInterval(() => {
    now = performance.now();
    for (const session of all) session.look(now);
  }, lookMs);
  const running = all.map((session) => session.run(ending.signal));

  /** What the file asks for and somebody should know of. */
  function warn(): void {
    const inClear = plans.filter(({ broker }) => broker.passwordFile !== undefined && !addressOf(broker.url).isTls);
    for (const broker of new Set(inClear.map(({ broker: { name } }) => name))) events.passwordInClear(broker);
    for (const { session } of plans) {
      if (session.shared) events.shared(session.name);
      for (const pair of ownOverlaps(session.topics)) events.ownOverlap(session.name, pair);
    }
  }

  return {
    troubles: () =>
      [...sessions].flatMap(([name, session]) => {
        const trouble = session.trouble();
        return trouble === undefined ? [] : [`${name}: ${trouble}`];
      }),
    async close(withinMs = defaultCloseMs) {
      if (ending.signal.aborted) return;
      ending.abort();
      unwatch();
      for (const session of all) session.pause();
      await intake.settled(withinMs);
      for (const session of all) session.leave();
      // A broker that does not part is left all the same: the line is cut after two seconds.
      await Promise.all(running);
      clearInterval(looking);
    },
  };
}
