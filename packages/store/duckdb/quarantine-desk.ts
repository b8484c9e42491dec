import type { DuckDBConnection } from "@duckdb/node-api";
import type { EpochMs, IntakeMessage } from "@messnetz/model";
import type { QuarantineLimits, QuarantineRemoval } from "../port.ts";
import { type KeptMessage, keptBytesSql, oldestKept, toKeptMessage } from "../quarantine-entry.ts";
import { columns } from "./column.ts";
import type { Desk } from "./desk.ts";
import { type Dictionary, oneOf } from "./dictionary.ts";
import { createTableWriter } from "./table-writer.ts";

export interface QuarantineDesk extends Desk {
  /** First: asks the table about entries that memory cannot decide, and drops what is too old where room is needed. */
  prepare(messages: readonly IntakeMessage[], now: EpochMs): Promise<void>;
  /** Then, in the same order. Only for messages with refusals. */
  stage(): "kept" | "known" | "full";
  /** Drops what is too old, of all sources. Outside of a commit. */
  prune(now: EpochMs): Promise<void>;
  /** Drops what is named, and says how much. Outside of a commit. */
  remove(query: QuarantineRemoval): Promise<number>;
}

interface Account {
  bytes: number;
  newest: EpochMs;
  oldest: EpochMs;
}

interface Parts {
  readonly writer: DuckDBConnection;
  readonly limits: QuarantineLimits;
  readonly sources: Dictionary;
  readonly devices: Dictionary;
}

export async function createQuarantineDesk({ writer, limits, sources, devices }: Parts): Promise<QuarantineDesk> {
  const table = await createTableWriter(writer, "quarantine", {
    id: columns.text(),
    source: columns.int32(),
    device: columns.int32(),
    topic: columns.text(),
    received: columns.int64(),
    refusals: columns.text(),
    payload: columns.bytes(),
  });
  let accounts = await readAccounts();
  let prepared: KeptMessage[] = [];
  let next = 0;
  let cutoff: EpochMs = Number.NEGATIVE_INFINITY;
  const knownIds = new Set<string>();

  async function readAccounts(): Promise<Map<number, Account>> {
    const rows = await writer.runAndReadAll(
      `SELECT source, sum(${keptBytesSql})::DOUBLE, max(received)::DOUBLE, min(received)::DOUBLE FROM quarantine GROUP BY source`,
    );
    return new Map(
      rows
        .getRows()
        .map(([source, bytes, newest, oldest]) => [
          Number(source),
          { bytes: Number(bytes), newest: Number(newest), oldest: Number(oldest) },
        ]),
    );
  }

  function accountOf(source: string): Account {
    const id = sources.idOf(source);
    let account = accounts.get(id);
    if (account === undefined) {
      account = { bytes: 0, newest: Number.NEGATIVE_INFINITY, oldest: Number.POSITIVE_INFINITY };
      accounts.set(id, account);
    }
    return account;
  }

  async function prune(): Promise<void> {
    await writer.run(`DELETE FROM quarantine WHERE received <= ${cutoff}`);
    accounts = await readAccounts();
  }

  async function remove({ sources: ofSources, devices: ofDevices, interval }: QuarantineRemoval): Promise<number> {
    const conditions = [
      ...oneOf("source", ofSources, sources),
      ...oneOf("device", ofDevices, devices),
      ...(interval === undefined ? [] : [`received >= ${interval.from} AND received < ${interval.to}`]),
    ];
    if (conditions.length === 0) return 0;
    const { rowsChanged } = await writer.run(`DELETE FROM quarantine WHERE ${conditions.join(" AND ")}`);
    if (rowsChanged > 0) accounts = await readAccounts();
    return rowsChanged;
  }

  async function findKnown(): Promise<void> {
    const unsure = prepared.filter(({ entry }) => entry.receivedAt <= accountOf(entry.source).newest);
    if (unsure.length === 0) return;
    const times = unsure.map(({ entry }) => entry.receivedAt);
    const ids = unsure.map(({ entry }) => `'${entry.id}'`).join(",");
    const rows = await writer.runAndReadAll(
      `SELECT id FROM quarantine WHERE received BETWEEN ${Math.min(...times)} AND ${Math.max(...times)} AND id IN (${ids})`,
    );
    for (const [id] of rows.getRows()) knownIds.add(String(id));
  }

  function needsRoom(): boolean {
    const wanted = new Map<string, number>();
    for (const { entry, bytes } of prepared) wanted.set(entry.source, (wanted.get(entry.source) ?? 0) + bytes);
    return [...wanted].some(([source, bytes]) => {
      const account = accountOf(source);
      return account.oldest <= cutoff && account.bytes + bytes > limits.maxBytes;
    });
  }

  function addRow({ entry, payload, refusalsJson }: KeptMessage): void {
    const row = table.addRow();
    table.columns.id.set(row, entry.id);
    table.columns.source.set(row, sources.idOf(entry.source));
    table.columns.device.set(row, devices.idOf(entry.device));
    table.columns.topic.set(row, entry.topic);
    table.columns.received.set(row, entry.receivedAt);
    table.columns.refusals.set(row, refusalsJson);
    table.columns.payload.set(row, payload);
  }

  return {
    async prepare(messages, now) {
      cutoff = oldestKept(now, limits.maxAgeMs);
      for (const message of messages) if (message.refusals.length > 0) prepared.push(toKeptMessage(message));
      if (prepared.length === 0) return;
      if (needsRoom()) await prune();
      await findKnown();
    },

    stage() {
      const message = prepared[next++]!;
      const { entry, bytes } = message;
      if (entry.receivedAt <= cutoff) return "full";
      if (knownIds.has(entry.id)) return "known";
      const account = accountOf(entry.source);
      if (account.bytes + bytes > limits.maxBytes) return "full";
      addRow(message);
      knownIds.add(entry.id);
      account.bytes += bytes;
      account.newest = Math.max(account.newest, entry.receivedAt);
      account.oldest = Math.min(account.oldest, entry.receivedAt);
      return "kept";
    },

    async prune(now) {
      cutoff = oldestKept(now, limits.maxAgeMs);
      if ([...accounts.values()].some(({ oldest }) => oldest <= cutoff)) await prune();
    },

    remove,
    append: table.append,
    settle() {
      table.clear();
      prepared = [];
      next = 0;
      knownIds.clear();
    },
    close: table.close,
  };
}
