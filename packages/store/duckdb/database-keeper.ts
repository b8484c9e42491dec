import type { IntakeBatch, IntakeResult } from "@messnetz/model";
import { StoreUnavailableError } from "../errors.ts";
import type { StoreEvent } from "../port.ts";
import type { Database, StagedCommit } from "./database.ts";
import { createTurns } from "../turns.ts";

/** Keeps a sound database open: what writes runs one at a time, and after a failure the next one begins with a new database. */
export interface DatabaseKeeper {
  /** For reading: also while the next one that writes would open it anew. */
  current(): Database;
  write<T>(what: string, task: (database: Database) => Promise<T>): Promise<T>;
  /** What the batch came to where it failed and turned out to be durable after all. Inside `write`; answers once. */
  outlived(batch: IntakeBatch): IntakeResult | undefined;
  /** Throws `StoreUnavailableError` after `close`. */
  requireOpen(): void;
  close(): Promise<void>;
}

export async function keepDatabase(
  open: () => Promise<Database>,
  onEvent?: (event: StoreEvent) => void,
): Promise<DatabaseKeeper> {
  const inTurn = createTurns();
  let database: Database | undefined = await open();
  let failure: { readonly cause: unknown; readonly commit: StagedCommit | undefined } | undefined;
  /** By the messages of the batch, as long as somebody holds these to try again, however often something else fails before. */
  const durable = new WeakMap<IntakeBatch["messages"], IntakeResult>();
  let closed = false;

  function requireOpen(): void {
    if (closed) throw new StoreUnavailableError("expected an open store, but it was closed");
  }

  function current(): Database {
    requireOpen();
    if (database === undefined) throw new StoreUnavailableError("the database could not be opened again yet", failure);
    return database;
  }

  async function sound(): Promise<Database> {
    if (failure === undefined || closed) return current();
    const { cause, commit } = failure;
    const unsound = database;
    database = undefined;
    await unsound?.close();
    database = await open();
    failure = undefined;
    if (commit !== undefined && database.ledgerRows() > commit.ledgerRows) durable.set(commit.messages, commit.result);
    onEvent?.({ kind: "reopened", cause });
    return database;
  }

  return {
    current,
    write: (what, task) =>
      inTurn(async () => {
        const sane = await sound();
        try {
          return await task(sane);
        } catch (cause) {
          failure = { cause, commit: sane.underWay };
          throw new StoreUnavailableError(`${what} failed; nothing of it counts as stored`, { cause });
        }
      }),
    outlived({ messages }) {
      const result = durable.get(messages);
      durable.delete(messages);
      return result;
    },
    requireOpen,
    close: () =>
      inTurn(async () => {
        if (closed) return;
        closed = true;
        await database?.close();
      }),
  };
}
