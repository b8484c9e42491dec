import {
  type EpochMs,
  type IntakeBatch,
  type IntakeResult,
  noOutcomes,
  type Observation,
  type Outcome,
} from "@messnetz/model";
import { outcomeOf, received } from "../outcome.ts";
import type { QuarantineRemoval, WriteResult } from "../port.ts";
import { type Dictionary, openDictionary } from "./dictionary.ts";
import { type Engine, openEngine } from "./engine.ts";
import type { Holdings } from "./holdings.ts";
import { createHotDesk, type HotDesk } from "./hot-desk.ts";
import { loadLayout } from "./layout.ts";
import { createObservationDesk } from "./observation-desk.ts";
import { defaults, type DuckDbStoreOptions, monthsFolder } from "./options.ts";
import { createLedgerDesk } from "./ledger-desk.ts";
import { openPartFolder } from "./part-folder.ts";
import { createPlainColumns } from "./plain-columns.ts";
import { project } from "./projection.ts";
import { createQuarantineDesk } from "./quarantine-desk.ts";
import { RecentIdentities } from "./recent-identities.ts";
import { createSessionDesk, type SessionDesk } from "./session-desk.ts";
import { StreamIndex } from "./stream-index.ts";

/** A commit whose end is not known. */
export interface StagedCommit {
  readonly messages: IntakeBatch["messages"];
  readonly result: IntakeResult;
  /** Rows of the ledger without it: there are more once it is durable. */
  readonly ledgerRows: number;
}

/**
 * The open database with all that is kept in memory of it. Its writing methods must not overlap, and after one has failed the
 * whole of it is closed and opened anew: what is in memory may be ahead of the disk then.
 */
export interface Database extends Holdings {
  readonly names: Dictionary;
  readonly sources: Dictionary;
  readonly devices: Dictionary;
  readonly sessions: SessionDesk;
  commit(batch: IntakeBatch, now: EpochMs): Promise<IntakeResult>;
  /** After a commit has failed: that one, where it came as far as the disk. */
  readonly underWay: StagedCommit | undefined;
  ledgerRows(): number;
  write(observations: readonly Observation[]): Promise<WriteResult>;
  readonly hot: Pick<HotDesk, "freeze">;
  /** Runs statements as one transaction. */
  transact(task: () => Promise<void>): Promise<void>;
  /** Identities may have gone: from now on the tables are asked about everything but the newest. */
  forgetIdentities(): void;
  /** Drops quarantined messages of sources and devices, and says how many. */
  removeQuarantined(query: QuarantineRemoval): Promise<number>;
  beat(now: EpochMs): Promise<void>;
  /** What can wait until nobody does. */
  tidy(now: EpochMs): Promise<void>;
  close(): Promise<void>;
}

export async function openDatabase(options: DuckDbStoreOptions): Promise<Database> {
  const engine = await openEngine(options);
  try {
    return await furnish(engine, options);
  } catch (cause) {
    await engine.close();
    throw cause;
  }
}

async function furnish(engine: Engine, options: DuckDbStoreOptions): Promise<Database> {
  const { writer } = engine;
  const { foldAtRows, recentIdentities } = { ...defaults, ...options };
  const streams = new StreamIndex();
  const names = await openDictionary(writer, "datastream");
  const sources = await openDictionary(writer, "source");
  const devices = await openDictionary(writer, "device");
  names.names.forEach((name, id) => streams.add(id, name));
  const layout = await loadLayout(writer);
  const folder = monthsFolder(options.directory);
  await openPartFolder(writer, layout, folder);
  await project({ engine, layout, streams });
  const recent = new RecentIdentities(streams, recentIdentities);
  const hot = await createHotDesk(writer, layout);
  const observations = createObservationDesk({ lookup: { writer, layout, folder }, hot, streams, names, recent });
  const quarantine = await createQuarantineDesk({ writer, limits: options.quarantine, sources, devices });
  const ledger = await createLedgerDesk({ writer, sources, devices, foldAtRows });
  const sessions = await createSessionDesk(writer, foldAtRows);
  const beginning = await writer.prepare("BEGIN TRANSACTION");
  const committing = await writer.prepare("COMMIT");
  /** The ledger and the quarantine name sources and devices: these come after. */
  const desks = [observations, names, ledger, quarantine, sources, devices, sessions];

  let underWay: StagedCommit | undefined;

  async function transact(task: () => Promise<void>): Promise<void> {
    await beginning.run();
    await task();
    await committing.run();
  }

  async function commitDesks(): Promise<void> {
    await transact(async () => {
      for (const desk of desks) await desk.append();
    });
    for (const desk of desks) desk.settle();
  }

  function stageAll(list: readonly Observation[]): { added: number; corrected: number } {
    let added = 0;
    let corrected = 0;
    for (const observation of list) {
      const what = observations.stage(observation);
      if (what === "added") added += 1;
      else if (what === "corrected") corrected += 1;
    }
    return { added, corrected };
  }

  return {
    engine,
    streams,
    layout,
    folder,
    plainColumns: createPlainColumns(engine),
    names,
    sources,
    devices,
    sessions,

    async commit(batch, now) {
      await observations.prepare(batch.messages.map((message) => message.observations));
      await quarantine.prepare(batch.messages, now);
      const outcomes = noOutcomes();
      const ends: Outcome[] = [];
      let total = 0;
      for (const message of batch.messages) {
        const { added, corrected } = stageAll(message.observations);
        const kept = message.refusals.length === 0 ? undefined : quarantine.stage();
        const outcome = outcomeOf(received(message), { changed: added + corrected, quarantine: kept });
        outcomes[outcome] += 1;
        ends.push(outcome);
        total += added;
        ledger.count(message, outcome, added);
      }
      sessions.stage(batch);
      const result = { outcomes, observations: total, ends };
      underWay = { messages: batch.messages, result, ledgerRows: ledger.rows() };
      await commitDesks();
      underWay = undefined;
      return result;
    },
    get underWay() {
      return underWay;
    },
    ledgerRows: ledger.rows,

    async write(list) {
      await observations.prepare([list]);
      const result = stageAll(list);
      await commitDesks();
      return result;
    },

    hot,
    transact,
    forgetIdentities: () => recent.dropAll(),
    removeQuarantined: quarantine.remove,

    async beat(now) {
      await writer.run(`BEGIN TRANSACTION; DELETE FROM beat; INSERT INTO beat VALUES (${now}); COMMIT;`);
    },

    async tidy(now) {
      await quarantine.prune(now);
      await ledger.fold();
      await sessions.fold(now);
    },

    async close() {
      try {
        for (const desk of desks) desk.close();
        beginning.destroySync();
        committing.destroySync();
      } finally {
        await engine.close();
      }
    },
  };
}
