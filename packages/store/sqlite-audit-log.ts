import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from "node:sqlite";
import type { EpochMs } from "@messnetz/model";
import { checkChain, nextEntry } from "./audit-chain.ts";
import { StoreFileError, StoreUnavailableError } from "./errors.ts";
import type { AuditEntry, AuditLog, AuditQuery } from "./port.ts";

export interface SqliteAuditLogOptions {
  /** Path of the file; made where there is none. */
  readonly file: string;
  /** Default: the system's clock. */
  readonly clock?: () => EpochMs;
}

/** "MNAU": tells the file from other SQLite databases (SQLite file format, 1.3). */
const applicationId = 0x4d4e4155;
/** How long a write waits for another process, the command line for instance. */
const lockWaitMs = 2000;

const columns = `seq, at, principal, action, subject, outcome, "rows", previous, hash`;

/** The audit log of one machine: a file of its own, which SQLite tools read; each append is on the disk before it resolves. */
export function openSqliteAuditLog({ file, clock = Date.now }: SqliteAuditLogOptions): Promise<AuditLog> {
  return Promise.try(() => {
    const database = openDatabase(file);
    const newest = database.prepare(`select ${columns} from audit order by seq desc limit 1`);
    const insert = database.prepare(`insert into audit (${columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`);

    function appendAll(facts: Parameters<AuditLog["append"]>[0]): void {
      const row = newest.get();
      let last = row === undefined ? undefined : toEntry(row);
      for (const fact of facts) {
        last = nextEntry(last, fact, clock());
        const { seq, at, principal, action, subject, outcome, rows = null, previous, hash } = last;
        insert.run(seq, at, principal, action, subject, outcome, rows, previous, hash);
      }
    }

    const log: AuditLog = {
      append: (facts) =>
        attempt(file, () => {
          database.exec("begin immediate");
          try {
            appendAll(facts);
            database.exec("commit");
          } catch (error) {
            database.exec("rollback");
            throw error;
          }
        }),
      list: (query) =>
        attempt(file, () => {
          const { sql, values } = selection(query);
          return database
            .prepare(sql)
            .all(...values)
            .map(toEntry);
        }),
      verify: () =>
        attempt(file, () => {
          const check = checkChain();
          for (const row of database.prepare(`select ${columns} from audit order by seq`).iterate())
            check.take(toEntry(row));
          return check.verdict();
        }),
      close: () => Promise.try(() => database.close()),
    };
    return log;
  });
}

function openDatabase(file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    // Made with these rights before SQLite does: it says who did what.
    closeSync(openSync(file, "a", 0o600));
    database = new DatabaseSync(file, { timeout: lockWaitMs });
    const found = Number(database.prepare("pragma application_id").get()?.["application_id"]);
    const isEmpty = database.prepare("select 1 from sqlite_schema").get() === undefined;
    if (!isEmpty && found !== applicationId) throw new Error("it is a database of something else");
    database.exec(`pragma journal_mode = wal; pragma synchronous = full; pragma application_id = ${applicationId};
      create table if not exists audit (seq integer primary key, at integer not null, principal text not null, action text not null,
        subject text not null, outcome text not null, "rows" integer, previous text not null, hash text not null) strict;
      create index if not exists audit_at on audit (at);`);
    return database;
  } catch (cause) {
    database?.close();
    throw new StoreFileError(`expected an audit log at ${file}, came: ${cause instanceof Error ? cause.message : ""}`, {
      cause,
    });
  }
}

function attempt<T>(file: string, action: () => T): Promise<T> {
  return Promise.try(action).catch((cause: unknown) => {
    throw new StoreUnavailableError(`the audit log ${file} cannot take or give anything now`, { cause });
  });
}

function selection({ principals, actions, interval, before, limit }: AuditQuery) {
  const conditions = ["true"];
  const values: SQLInputValue[] = [];
  const isOneOf = (column: string, list: readonly string[] | undefined): void => {
    if (list === undefined) return;
    conditions.push(`${column} in (${list.map(() => "?").join(",")})`);
    values.push(...list);
  };
  isOneOf("principal", principals);
  isOneOf("action", actions);
  if (interval !== undefined) {
    conditions.push("at >= ? and at < ?");
    values.push(interval.from, interval.to);
  }
  if (before !== undefined) {
    conditions.push("seq < ?");
    values.push(before);
  }
  const where = conditions.join(" and ");
  return { sql: `select ${columns} from audit where ${where} order by seq desc limit ?`, values: [...values, limit] };
}

function toEntry(row: Record<string, SQLOutputValue>): AuditEntry {
  const { rows, ...entry } = row as unknown as Omit<AuditEntry, "rows"> & { readonly rows: number | null };
  return { ...entry, ...(rows === null ? {} : { rows }) };
}
