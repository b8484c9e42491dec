import { type EpochMs, type IntakeBatch, type IntakeResult, noOutcomes, type Observation } from "@messnetz/model";
import { outcomeOf, received } from "../outcome.ts";
import type { WriteResult } from "../port.ts";
import { type Dictionary, openDictionary } from "./dictionary.ts";
import { type Engine, openEngine } from "./engine.ts";
import { createLedgerDesk } from "./ledger-desk.ts";
import { createObservationDesk } from "./observation-desk.ts";
import { defaults, type DuckDbStoreOptions } from "./options.ts";
import { project } from "./projection.ts";
import { createQuarantineDesk } from "./quarantine-desk.ts";
import { RecentIdentities } from "./recent-identities.ts";
import { observationTables } from "./schema.ts";
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
export interface Database {
  readonly engine: Engine;
  readonly streams: StreamIndex;
  readonly sources: Dictionary;
  readonly devices: Dictionary;
  readonly sessions: SessionDesk;
  commit(batch: IntakeBatch, now: EpochMs): Promise<IntakeResult>;
  /** After a commit has failed: that one, where it came as far as the disk. */
  readonly underWay: StagedCommit | undefined;
  ledgerRows(): number;
  write(observations: readonly Observation[]): Promise<WriteResult>;
  /** Deletes by an SQL condition over datastream and time, and how many. */
  remove(condition: string): Promise<number>;
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
  await project(engine, streams);
  const recent = new RecentIdentities(streams, recentIdentities);
  const observations = await createObservationDesk({ writer, streams, names, recent });
  const quarantine = await createQuarantineDesk({ writer, limits: options.quarantine, sources, devices });
  const ledger = await createLedgerDesk({ writer, sources, devices, foldAtRows });
  const sessions = await createSessionDesk(writer, foldAtRows);
  const beginning = await writer.prepare("BEGIN TRANSACTION");
  const committing = await writer.prepare("COMMIT");
  /** The ledger and the quarantine name sources and devices: these come after. */
  const desks = [observations, names, ledger, quarantine, sources, devices, sessions];

  let underWay: StagedCommit | undefined;

  async function transact(): Promise<void> {
    await beginning.run();
    for (const desk of desks) await desk.append();
    await committing.run();
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
    sources,
    devices,
    sessions,

    async commit(batch, now) {
      await observations.prepare(batch.messages.map((message) => message.observations));
      await quarantine.prepare(batch.messages, now);
      const outcomes = noOutcomes();
      let total = 0;
      for (const message of batch.messages) {
        const { added, corrected } = stageAll(message.observations);
        const kept = message.refusals.length === 0 ? undefined : quarantine.stage();
        const outcome = outcomeOf(received(message), { changed: added + corrected, quarantine: kept });
        outcomes[outcome] += 1;
        total += added;
        ledger.count(message, outcome, added);
      }
      sessions.stage(batch.sessions, batch.receipts);
      const result = { outcomes, observations: total };
      underWay = { messages: batch.messages, result, ledgerRows: ledger.rows() };
      await transact();
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
      await transact();
      return result;
    },

    async remove(condition) {
      await beginning.run();
      let removed = 0;
      for (const table of observationTables) {
        removed += (await writer.run(`DELETE FROM ${table} WHERE ${condition}`)).rowsChanged;
      }
      await committing.run();
      recent.dropAll();
      return removed;
    },

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
