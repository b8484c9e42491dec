import {
  type IntakeBatch,
  type IntakeMessage,
  type IntakeResult,
  type LedgerRow,
  noOutcomes,
  type Observation,
  type Outcome,
  toChunk,
} from "@messnetz/model";
import { foldWindows } from "./fold.ts";
import { compareLedgerRows, TallySheet, toLedgerRow } from "./ledger-tally.ts";
import { outcomeOf, received } from "./outcome.ts";
import type {
  EmbeddedStore,
  EmbeddedStoreOptions,
  LedgerQuery,
  ObservationQuery,
  ObservationStore,
  QuarantineQuery,
  QuarantineRemoval,
} from "./port.ts";
import { compareNewestFirst, type KeptMessage, namesEntry, oldestKept, toKeptMessage } from "./quarantine-entry.ts";
import { compareKeys, selects, selectsDatastream } from "./selection.ts";
import { SessionFold } from "./session-fold.ts";

const rowsPerChunk = 1000;

/** Everything in maps, nothing durable: says in the simplest words what a store does. For tests and trials. */
export function createMemoryStore(options: EmbeddedStoreOptions): EmbeddedStore {
  const clock = options.clock ?? Date.now;
  /** Datastream → `time/ordinal` → observation. */
  const datastreams = new Map<string, Map<string, Observation>>();
  const kept = new Map<string, KeptMessage>();
  const sheet = new TallySheet();
  const sessions = new SessionFold();

  function put(observation: Observation): "added" | "corrected" | "repeated" {
    let rows = datastreams.get(observation.datastream);
    if (rows === undefined) datastreams.set(observation.datastream, (rows = new Map<string, Observation>()));
    const key = `${observation.phenomenonTime}/${observation.ordinal}`;
    const before = rows.get(key);
    if (before !== undefined && before.revision >= observation.revision) return "repeated";
    rows.set(key, observation);
    return before === undefined ? "added" : "corrected";
  }

  function putAll(observations: readonly Observation[]): { added: number; corrected: number } {
    const done = observations.map(put);
    return {
      added: done.filter((what) => what === "added").length,
      corrected: done.filter((what) => what === "corrected").length,
    };
  }

  function quarantine(message: IntakeMessage): "kept" | "known" | "full" {
    const cutoff = oldestKept(clock(), options.quarantine.maxAgeMs);
    const candidate = toKeptMessage(message);
    const { id, source, receivedAt } = candidate.entry;
    for (const [old, { entry }] of kept) if (entry.receivedAt <= cutoff) kept.delete(old);
    if (receivedAt <= cutoff) return "full";
    if (kept.has(id)) return "known";
    const ofSource = [...kept.values()].filter(({ entry }) => entry.source === source);
    const bytes = ofSource.reduce((sum, one) => sum + one.bytes, candidate.bytes);
    if (bytes > options.quarantine.maxBytes) return "full";
    kept.set(id, candidate);
    return "kept";
  }

  function commit({ messages, receipts, sessions: changes, deliveries = [] }: IntakeBatch): IntakeResult {
    const outcomes = noOutcomes();
    const ends: Outcome[] = [];
    let observations = 0;
    for (const message of messages) {
      const { added, corrected } = putAll(message.observations);
      const where = message.refusals.length === 0 ? undefined : quarantine(message);
      const outcome = outcomeOf(received(message), { changed: added + corrected, quarantine: where });
      outcomes[outcome] += 1;
      ends.push(outcome);
      observations += added;
      sheet.count(message, outcome, added);
    }
    for (const change of changes) sessions.apply(change);
    for (const receipt of receipts) sessions.receive(receipt);
    for (const delivery of deliveries) sessions.see(delivery);
    return { outcomes, observations, ends };
  }

  function selected(query: ObservationQuery): Observation[] {
    const found: Observation[] = [];
    for (const [id, rows] of datastreams) if (selectsDatastream(query, id)) found.push(...rows.values());
    return found
      .filter((observation) => selects(query, observation))
      .sort(compareKeys)
      .slice(0, query.limit);
  }

  function listed({ sources, interval, before, limit }: QuarantineQuery): KeptMessage[] {
    const cutoff = oldestKept(clock(), options.quarantine.maxAgeMs);
    return [...kept.values()]
      .filter(({ entry }) => entry.receivedAt > cutoff)
      .filter(({ entry }) => sources === undefined || sources.includes(entry.source))
      .filter(
        ({ entry }) => interval === undefined || (entry.receivedAt >= interval.from && entry.receivedAt < interval.to),
      )
      .filter(({ entry }) => before === undefined || compareNewestFirst(entry, { ...entry, ...before }) > 0)
      .sort((a, b) => compareNewestFirst(a.entry, b.entry))
      .slice(0, limit);
  }

  function removeQuarantined(query: QuarantineRemoval): number {
    const gone = [...kept].filter(([, { entry }]) => namesEntry(query, entry));
    for (const [id] of gone) kept.delete(id);
    return gone.length;
  }

  function ledgerRows({ sources, devices, fromDay, toDay }: LedgerQuery): LedgerRow[] {
    return [...sheet.tallies()]
      .map(toLedgerRow)
      .filter((row) => sources === undefined || sources.includes(row.source))
      .filter((row) => devices === undefined || devices.includes(row.device))
      .filter((row) => (fromDay === undefined || row.day >= fromDay) && (toDay === undefined || row.day <= toDay))
      .sort(compareLedgerRows);
  }

  const observations: ObservationStore = {
    write: (list) => Promise.resolve(putAll(list)),
    async *read(query) {
      const rows = selected(query);
      for (let from = 0; from < rows.length; from += rowsPerChunk) yield toChunk(rows.slice(from, from + rowsPerChunk));
    },
    aggregate: (query, windowMs) => foldWindows(observations.read(query), windowMs),
    latest(query) {
      const newest: Observation[] = [];
      for (const [id, rows] of datastreams) {
        const last = [...rows.values()].sort(compareKeys).at(-1);
        if (last !== undefined && selectsDatastream(query, id)) newest.push(last);
      }
      return Promise.resolve(newest.sort(compareKeys).slice(0, query.limit));
    },
    count: (query) => Promise.resolve(selected(query).length),
    remove(query) {
      const rows = selected(query);
      for (const { datastream, phenomenonTime, ordinal } of rows)
        datastreams.get(datastream)?.delete(`${phenomenonTime}/${ordinal}`);
      const touched = new Set(rows.map(({ datastream }) => datastream));
      return Promise.resolve({ observations: rows.length, datastreams: touched.size, removedAt: clock() });
    },
  };

  return {
    observations,
    quarantine: {
      list: (query) => Promise.resolve(listed(query).map(({ entry }) => entry)),
      get(id) {
        const found = listed({ limit: Number.POSITIVE_INFINITY }).find(({ entry }) => entry.id === id);
        return Promise.resolve(found && { ...found.entry, payload: found.payload });
      },
      remove: (query) => Promise.resolve(removeQuarantined(query)),
    },
    ledger: { rows: (query) => Promise.resolve(ledgerRows(query)) },
    sessions: { load: () => Promise.resolve(sessions.snapshot(clock())) },
    intake: { commit: (batch) => Promise.resolve(commit(batch)) },
    months: { list: () => [], close: () => Promise.resolve([]) },
    check: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
