import { AckPolicy, type ConsumerConfig, DeliverPolicy, JetStreamApiError, ReplayPolicy } from "@nats-io/jetstream";
import { untilAnswered } from "./answered.ts";
import { ConsumerContradictionError, type Contradiction } from "./errors.ts";
import type { NatsLink } from "./link.ts";

export interface ConsumerDeclaration {
  readonly stream: string;
  readonly name: string;
  /** One subject or pattern: servers before 2.10 know no list. */
  readonly filterSubject: string;
  /** Stream sequence of the first message wanted. */
  readonly from: number;
  readonly ackWaitMs: number;
  readonly maxAckPending: number;
  readonly headersOnly?: true;
}

const nanosecondsPerMs = 1_000_000;

/**
 * A durable pull consumer with explicit acknowledgement that begins at `from`. One of that name that is already there is made anew, because a
 * consumer's position cannot be moved back (before 2.14); what it delivered and nobody acknowledged comes again. Rejects with
 * ConsumerContradictionError where the one that is there is of another nature, and so not ours.
 */
export async function declareConsumer(link: NatsLink, declaration: ConsumerDeclaration): Promise<void> {
  const { stream, name } = declaration;
  const wanted = configOf(declaration);
  await untilAnswered(`the consumer ${name} of ${stream} to be declared`, async () => {
    const existing = await existingConfig(link, stream, name);
    if (existing !== undefined) {
      const contradictions = contradictionsOf(existing, wanted);
      if (contradictions.length > 0) throw new ConsumerContradictionError(name, contradictions);
      await link.manager.consumers.delete(stream, name);
    }
    await add(link, stream, wanted);
  });
}

type WantedConfig = Partial<ConsumerConfig> & { readonly filter_subject: string };

function configOf(declaration: ConsumerDeclaration): WantedConfig {
  return {
    durable_name: declaration.name,
    filter_subject: declaration.filterSubject,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: declaration.from,
    replay_policy: ReplayPolicy.Instant,
    ack_wait: declaration.ackWaitMs * nanosecondsPerMs,
    max_ack_pending: declaration.maxAckPending,
    headers_only: declaration.headersOnly ?? false,
    max_deliver: -1, // poison is published to the quarantine and then acknowledged; giving up would leave a hole
  };
}

/** `err_code` of "consumer already exists": somebody was faster than we were after the deletion. */
const alreadyThere = new Set([10_013, 10_105, 10_148]);

async function add(link: NatsLink, stream: string, wanted: WantedConfig): Promise<void> {
  try {
    await link.manager.consumers.add(stream, wanted);
  } catch (cause) {
    if (!(cause instanceof JetStreamApiError) || !alreadyThere.has(cause.code)) throw cause;
    throw new Error(
      `expected to be alone with the consumer ${wanted.durable_name}, but it was made by another process`,
      { cause },
    );
  }
}

async function existingConfig(link: NatsLink, stream: string, name: string): Promise<ConsumerConfig | undefined> {
  try {
    return (await link.manager.consumers.info(stream, name)).config;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.status === 404) return undefined;
    throw error;
  }
}

function contradictionsOf(existing: ConsumerConfig, wanted: WantedConfig): Contradiction[] {
  const compared: readonly [string, string, string][] = [
    [
      "filter_subject",
      wanted.filter_subject,
      existing.filter_subject ?? existing.filter_subjects?.join(", ") ?? "none",
    ],
    ["ack_policy", AckPolicy.Explicit, existing.ack_policy],
    ["deliver_subject", "none (pull)", existing.deliver_subject ?? "none (pull)"],
  ];
  return compared
    .filter(([, expected, came]) => expected !== came)
    .map(([field, expected, came]) => ({ field, expected, came }));
}
