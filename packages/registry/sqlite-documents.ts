import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import type { DocumentStorage, News, StoredDocument } from "./documents.ts";
import { RegistryError } from "./error.ts";

/** "MNRG": tells the file from other SQLite databases (SQLite file format, 1.3). */
const applicationId = 0x4d4e5247;
/** 2 brought tombstones, 3 settings of datastreams, 4 what formats remember, 5 observed properties; an older registry has none and becomes one of this version. */
const schemaVersion = 5;
/** SQLite waits without letting anything else run; longer waits are ours. */
const blockingWaitMs = 10;
const retryMs = 20;

export interface SqliteDocuments extends DocumentStorage {
  /** Whether it holds any document: known before it is loaded. */
  readonly isNew: boolean;
}

export interface SqliteOptions {
  /** How often to look whether another process has written. */
  readonly pollMs: number;
  /** How long a write waits for another process, such as the command line beside a running town, before it gives up. */
  readonly lockWaitMs: number;
}

/** Opens or makes the file. Throws a `RegistryError` (`corrupt`, `newer_schema`, `unwritable`) that names it. */
export function openSqliteDocuments(path: string, options: SqliteOptions): SqliteDocuments {
  const database = guarded(path, () => {
    // Made with these rights before SQLite does: the file and its log hold sealed secrets.
    closeSync(openSync(path, "a", 0o600));
    const opened = new DatabaseSync(path, { timeout: blockingWaitMs });
    try {
      prepare(opened, path);
      return opened;
    } catch (error) {
      opened.close();
      throw error;
    }
  });
  const readAll = database.prepare("select kind, id, body from document");
  const readDataVersion = database.prepare("pragma data_version");
  const upsert = database.prepare("insert or replace into document (kind, id, body) values (?, ?, ?)");
  const remove = database.prepare("delete from document where kind = ? and id = ?");
  let seen = dataVersion();
  let lastFailure: Error | undefined;
  let isOpen = true;
  let timer: NodeJS.Timeout | undefined;

  /** Another number after another connection has committed. */
  function dataVersion(): number {
    return readDataVersion.get()!["data_version"] as number;
  }

  function all(): StoredDocument[] {
    return readAll.all().map(({ kind, id, body }) => ({ kind, id, body }) as unknown as StoredDocument);
  }

  /** Everything, if another process has written; it counts as seen once `use` has returned. */
  function withNews<T>(use: (news: News | undefined) => T): T {
    const current = dataVersion();
    const result = use(current === seen ? undefined : { kind: "everything", documents: all() });
    seen = current;
    return result;
  }

  function assertOpen(): void {
    if (!isOpen) throw new RegistryError("closed", `${path}: expected it to be open, but it was closed`);
  }

  /** Runs the action as one transaction that nobody else can write beside. */
  async function locked(action: () => void): Promise<void> {
    const deadline = performance.now() + options.lockWaitMs;
    while (!tryLocked(action, performance.now() >= deadline)) await wait(retryMs);
  }

  /** False where another process writes, unless it is the last try. */
  function tryLocked(action: () => void, isLast: boolean): boolean {
    assertOpen();
    return guarded(path, () => {
      try {
        database.exec("begin immediate");
        action();
        database.exec("commit");
        return true;
      } catch (error) {
        if (database.isTransaction) database.exec("rollback");
        if (!isLast && isBusy(error)) return false;
        throw error;
      }
    });
  }

  return {
    isNew: database.prepare("select 1 from document limit 1").get() === undefined,
    async load() {
      return guarded(path, all);
    },
    follow(take) {
      timer = setInterval(() => {
        try {
          withNews((news) => news && take(news));
          lastFailure = undefined;
        } catch (error) {
          // Told by check(); the next look may succeed.
          lastFailure = error instanceof Error ? error : new Error(String(error));
        }
      }, options.pollMs);
      timer.unref();
    },
    async write(decide) {
      await locked(() => {
        for (const { kind, id, body } of withNews(decide)) {
          if (body === undefined) remove.run(kind, id);
          else upsert.run(kind, id, body);
        }
      });
    },
    async check() {
      await locked(() => {
        if (lastFailure !== undefined) throw lastFailure;
      });
    },
    async close() {
      if (!isOpen) return;
      isOpen = false;
      clearInterval(timer);
      database.close();
    },
  };
}

function prepare(database: DatabaseSync, path: string): void {
  const pragma = (name: string): unknown => Object.values(database.prepare(`pragma ${name}`).get() ?? {})[0];
  const application = pragma("application_id");
  const version = pragma("user_version") as number;
  const isEmpty = pragma("schema_version") === 0;
  if (!isEmpty && application !== applicationId) {
    throw new RegistryError("corrupt", `${path}: expected a registry of Messnetz, came another SQLite database`);
  }
  if (version > schemaVersion) {
    throw new RegistryError(
      "newer_schema",
      `${path}: expected schema version ${schemaVersion} or older, came ${version}; it was written by a later version of Messnetz, use that one`,
    );
  }
  // FULL: a commit is on the disk when it returns, also after a power cut (SQLite, pragma synchronous).
  database.exec("pragma journal_mode = wal; pragma synchronous = full");
  if (isEmpty) {
    database.exec(`
      begin immediate;
      create table if not exists document (kind text not null, id text not null, body text not null, primary key (kind, id)) strict, without rowid;
      pragma application_id = ${applicationId};
      pragma user_version = ${schemaVersion};
      commit;`);
  }
  const verdict = pragma("quick_check");
  if (verdict !== "ok") throw new RegistryError("corrupt", `${path}: ${String(verdict)}; put it back from a backup`);
  if (!isEmpty && version < schemaVersion) database.exec(`pragma user_version = ${schemaVersion}`);
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && (error as { readonly errcode?: number }).errcode === busyCode;
}

const busyCode = 5;

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html) that an operator can do something about. */
const remedies: ReadonlyMap<number, readonly [code: "corrupt" | "unwritable", what: string]> = new Map([
  [busyCode, ["unwritable", "another process is writing to it; try again"]],
  [8, ["unwritable", "it, its folder or its disk is read-only"]],
  [10, ["unwritable", "the disk failed"]],
  [11, ["corrupt", "it is damaged; put it back from a backup"]],
  [13, ["unwritable", "the disk is full"]],
  [14, ["unwritable", "it cannot be opened; look at the rights of its folder"]],
  [26, ["corrupt", "it is no SQLite database; put it back from a backup"]],
]);

function guarded<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof RegistryError || !(cause instanceof Error)) throw cause;
    const { errcode, code } = cause as Error & { readonly errcode?: number; readonly code?: string };
    const remedy = errcode === undefined ? undefined : remedies.get(errcode & 0xff);
    if (remedy !== undefined) throw new RegistryError(remedy[0], `${path}: ${remedy[1]} (${cause.message})`, { cause });
    if (code === undefined || code === "ERR_SQLITE_ERROR") throw cause;
    throw new RegistryError("unwritable", `${path}: expected a file that can be written (${cause.message})`, { cause });
  }
}
