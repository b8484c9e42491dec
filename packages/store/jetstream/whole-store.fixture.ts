import type { IntakeBatch, IntakeMessage, IntakeResult, LedgerRow, Observation, SessionChange } from "@messnetz/model";
import { outcomes, type ReceivedRow, rowFlags } from "@messnetz/model";
import { connectNats, type NatsLink } from "@messnetz/nats";
import { createMemoryStore } from "../memory.ts";
import type { EmbeddedStore, EmbeddedStoreOptions, ObservationStore } from "../port.ts";
import { fates, tallyRows } from "../tally-rows.ts";
import { createTurns } from "../turns.ts";
import { openJetStreamDeliveries } from "./deliveries.ts";
import { openJetStreamLedger } from "./ledger.ts";
import type { PartitionLedger } from "./partition-ledger.ts";
import { openJetStreamQuarantine } from "./quarantine.ts";
import type { QuarantineVerdict } from "./quarantine-keeper.ts";

export const megabyte = 1024 * 1024;

export interface WholeStore extends EmbeddedStore {
  readonly link: NatsLink;
}

interface WholeOptions extends EmbeddedStoreOptions {
  readonly url: string;
  /** What a writer writes to. */
  readonly observations: ObservationStore;
}

const flagsOf = { kept: rowFlags.kept, known: rowFlags.known, full: rowFlags.full } as const;

/**
 * Quarantine, ledger and sessions on JetStream in the shape of the embedded store. Bus and writer are one call here: what is committed is
 * kept, counted and written in the order in which they do it, and its outcome is what the ledger gained.
 */
export async function openWholeStore(options: WholeOptions): Promise<WholeStore> {
  const { url, observations, clock = Date.now } = options;
  const link = await connectNats({ urls: [url], name: "store test" });
  const common = { link, replicas: 1, clock };
  const quarantine = await openJetStreamQuarantine({ ...common, limits: options.quarantine, maxBytes: 64 * megabyte });
  const ledger = await openJetStreamLedger(common);
  const deliveries = await openJetStreamDeliveries({ ...common, instance: "ingest" });
  const writer = await ledger.claim("water");
  const counter = await ledger.claim("quarantine");
  const inTurn = createTurns();

  async function count(book: PartitionLedger, tallies: ReturnType<typeof tallyRows>): Promise<void> {
    const seq = book.position.countedTo + 1;
    await book.append({ from: seq, to: seq, writtenTo: seq - 1, tallies });
  }

  async function keep(messages: readonly IntakeMessage[]): Promise<Map<IntakeMessage, QuarantineVerdict>> {
    const refused = messages.filter(({ refusals }) => refusals.length > 0);
    const verdicts = await quarantine.keep(refused, () => "water");
    return new Map(refused.map((message, index) => [message, verdicts[index]!]));
  }

  async function commit(batch: IntakeBatch): Promise<void> {
    // What is committed again was received again.
    const messages = batch.messages.map((message) => ({ ...message }));
    await deliveries.receipts(batch.receipts.filter(({ qos }) => qos === 1));
    const verdicts = await keep(messages);
    const rows: ReceivedRow[] = [];
    const counted: ReceivedRow[] = [];
    const all: Observation[] = [];
    for (const message of messages) {
      const verdict = verdicts.get(message);
      const { day, device, repeated, observations: own } = message;
      const flags = (repeated ? rowFlags.repeated : 0) + (verdict === undefined ? 0 : flagsOf[verdict]);
      const row = { day, device, source: message.message.source, observations: own.length, flags };
      if (own.length === 0 && verdict === "kept") counted.push(row);
      else rows.push(row);
      all.push(...own);
    }
    // Of one batch the changes come before the receipts of QoS 2.
    const received = batch.receipts.flatMap(({ qos, client, packetId }): SessionChange[] =>
      qos === 2 ? [{ kind: "received", client, packetId }] : [],
    );
    await deliveries.sessions([...batch.sessions, ...received]);
    await deliveries.seen(batch.deliveries ?? []);
    await count(counter, tallyRows(counted, new Uint8Array()));
    const fatesOf = new Uint8Array(all.length);
    for (const [index, observation] of all.entries()) {
      const { added, corrected } = await observations.write([observation]);
      fatesOf[index] = added > 0 ? fates.added : corrected > 0 ? fates.corrected : fates.repeated;
    }
    await count(writer, tallyRows(rows, fatesOf));
  }

  return {
    link,
    observations,
    quarantine,
    ledger,
    sessions: deliveries,
    intake: {
      commit: (batch) =>
        inTurn(async () => {
          const before = sumOf(await ledger.rows({}));
          await commit(batch);
          return difference(sumOf(await ledger.rows({})), before);
        }),
    },
    months: { list: () => [], close: () => Promise.resolve([]) },
    check: () => link.check(),
    async close() {
      await Promise.all([quarantine.close(), ledger.close(), deliveries.close()]);
      await link.close();
    },
  };
}

/** Where a store was before, for another beginning. */
export function openEmpty(options: Omit<WholeOptions, "observations">): Promise<WholeStore> {
  return openWholeStore({ ...options, observations: createMemoryStore(options).observations });
}

function sumOf(rows: readonly LedgerRow[]): IntakeResult {
  const of = (key: keyof LedgerRow & ("observations" | IntakeOutcome)): number =>
    rows.reduce((sum, row) => sum + row[key], 0);
  const counts = Object.fromEntries(outcomes.map((outcome) => [outcome, of(outcome)]));
  return { outcomes: counts as IntakeResult["outcomes"], observations: of("observations"), ends: [] };
}

type IntakeOutcome = (typeof outcomes)[number];

function difference(after: IntakeResult, before: IntakeResult): IntakeResult {
  const counts = Object.fromEntries(
    outcomes.map((outcome) => [outcome, after.outcomes[outcome] - before.outcomes[outcome]]),
  );
  return {
    outcomes: counts as IntakeResult["outcomes"],
    observations: after.observations - before.observations,
    ends: [],
  };
}
