import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBMaterializedResult,
  type DuckDBValue,
} from "@duckdb/node-api";
import { StoreFileError, StoreLockedError, StoreUnavailableError } from "../errors.ts";
import { type DuckDbStoreOptions, databaseFile, defaults } from "./options.ts";
import { migrate } from "./migration.ts";
import { createMemoryReleaser } from "./release-memory.ts";
import { schemaSql, schemaVersion } from "./schema.ts";

const interruptEveryMs = 20;

/** What a query makes before it waits for its reader: a slice of most rows, so that DuckDB works on while the reader is busy. */
const streamingBuffer = "4MB";

/** One open database: a connection that writes, others that read beside it (MVCC). */
export interface Engine {
  readonly writer: DuckDBConnection;
  /** Runs on a connection of its own; the whole result is in memory when it resolves. */
  read(sql: string, values?: DuckDBValue[]): Promise<DuckDBMaterializedResult>;
  /**
   * Runs on a connection of its own and hands over the result chunk by chunk, as fast as it comes; a chunk holds until `take` returns. Where the
   * signal aborts, the query is interrupted and the promise rejects with its reason.
   */
  stream(sql: string, take: (chunk: DuckDBDataChunk) => void, signal?: AbortSignal): Promise<void>;
  /** Gives a longer work a connection with temporary tables of its own; closing the engine ends it. */
  work<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
  /** Resolves when all that was being read has been. */
  readersGone(): Promise<void>;
  /** Interrupts what runs and waits for it: the file is free when it resolves. */
  close(): Promise<void>;
}

function openingError(cause: unknown, path: string): Error {
  const text = String(cause);
  if (/Could not set lock|being used by another process|Conflicting lock/i.test(text)) {
    return new StoreLockedError(`expected ${path} to be free, but another process has it open; end that one first`, {
      cause,
    });
  }
  if (
    /not a valid DuckDB|magic|corrupt|Serialization|checksum|version number|Failure while replaying WAL/i.test(text)
  ) {
    return new StoreFileError(
      `expected ${path} to be a database of Messnetz, but it cannot be read; it was left as it is`,
      { cause },
    );
  }
  return new StoreUnavailableError(`could not open ${path}`, { cause });
}

async function prepareSchema(writer: DuckDBConnection, path: string): Promise<void> {
  const tables = (await writer.runAndReadAll("SELECT table_name FROM information_schema.tables")).getRows().flat();
  if (tables.length === 0) {
    await writer.run(`BEGIN TRANSACTION; ${schemaSql}; COMMIT;`);
    return;
  }
  if (!tables.includes("messnetz")) {
    throw new StoreFileError(
      `expected ${path} to be a database of Messnetz, but it holds other tables; it was left as it is`,
    );
  }
  const version = (await writer.runAndReadAll("SELECT schema_version FROM messnetz")).getRows()[0]?.[0];
  if (await migrate(writer, Number(version))) return;
  if (version !== schemaVersion) {
    throw new StoreFileError(
      `expected ${path} to have schema version ${schemaVersion}, it has ${String(version)}; it was left as it is`,
    );
  }
}

async function openInstance(options: DuckDbStoreOptions, path: string): Promise<DuckDBInstance> {
  try {
    await mkdir(options.directory, { recursive: true });
    return await DuckDBInstance.create(path, {
      memory_limit: `${options.memoryLimitMb ?? defaults.memoryLimitMb}MiB`,
      threads: String(options.threads ?? defaults.threads),
      checkpoint_threshold: `${options.checkpointMb ?? defaults.checkpointMb}MiB`,
      temp_directory: join(options.directory, "spill"),
      // The system caches files already, and gives that memory back when somebody needs it.
      enable_external_file_cache: "false",
      storage_compatibility_version: "latest",
      // Nothing of ours reaches out of the data directory.
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
    });
  } catch (cause) {
    throw openingError(cause, path);
  }
}

export async function openEngine(options: DuckDbStoreOptions): Promise<Engine> {
  const path = join(options.directory, databaseFile);
  const instance = await openInstance(options, path);
  const idle: DuckDBConnection[] = [];
  const connections = new Set<DuckDBConnection>();
  const reading = new Set<Promise<unknown>>();
  const release = createMemoryReleaser();
  const working = new Set<Promise<unknown>>();
  let closed = false;

  async function connect(): Promise<DuckDBConnection> {
    const connection = await instance.connect();
    connections.add(connection);
    await connection.run(`SET streaming_buffer_size = '${streamingBuffer}'`);
    return connection;
  }

  async function close(): Promise<void> {
    closed = true;
    // A work that was between two queries when it was interrupted begins the next one.
    while (working.size > 0) {
      for (const connection of connections) connection.interrupt();
      await Promise.race([Promise.allSettled(working), delay(interruptEveryMs)]);
    }
    for (const connection of connections) connection.interrupt();
    await readersGone();
    for (const connection of [...connections, writer]) connection.closeSync();
    instance.closeSync();
  }

  async function workWith<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await connect();
    try {
      return await task(connection);
    } finally {
      connections.delete(connection);
      connection.closeSync();
    }
  }

  async function readersGone(): Promise<void> {
    await Promise.allSettled(reading);
  }

  async function readWith(sql: string, values?: DuckDBValue[]): Promise<DuckDBMaterializedResult> {
    const connection = idle.pop() ?? (await connect());
    try {
      return await connection.run(sql, values);
    } finally {
      idle.push(connection);
    }
  }

  async function streamWith(
    sql: string,
    take: (chunk: DuckDBDataChunk) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    signal?.throwIfAborted();
    const connection = idle.pop() ?? (await connect());
    const interrupt = (): void => connection.interrupt();
    signal?.addEventListener("abort", interrupt);
    try {
      const result = await connection.stream(sql);
      // The next one is made while one is copied.
      let next = result.fetchChunk();
      for (let chunk = await next; chunk !== null && chunk.rowCount > 0; chunk = await next) {
        signal?.throwIfAborted();
        next = result.fetchChunk();
        next.catch(() => undefined);
        take(chunk);
        release();
      }
    } catch (cause) {
      // What has not come to its end would hold its snapshot of the database.
      connection.interrupt();
      throw signal?.aborted === true ? signal.reason : cause;
    } finally {
      signal?.removeEventListener("abort", interrupt);
      idle.push(connection);
    }
  }

  async function reads<T>(running: Promise<T>): Promise<T> {
    reading.add(running);
    try {
      return await running;
    } finally {
      reading.delete(running);
    }
  }

  const writer = await instance.connect();
  try {
    // Else the footer of each file of a closed month is read and parsed for each query.
    await writer.run("SET GLOBAL parquet_metadata_cache = true");
    await prepareSchema(writer, path);
  } catch (cause) {
    await close();
    throw cause;
  }

  return {
    writer,
    async read(sql, values) {
      if (closed) throw new StoreUnavailableError("expected an open store, but it is closed or opens again just now");
      return reads(readWith(sql, values));
    },
    async stream(sql, take, signal) {
      if (closed) throw new StoreUnavailableError("expected an open store, but it is closed or opens again just now");
      return reads(streamWith(sql, take, signal));
    },
    async work(task) {
      if (closed) throw new StoreUnavailableError("expected an open store, but it is closed or opens again just now");
      const running = workWith(task);
      working.add(running);
      try {
        return await running;
      } finally {
        working.delete(running);
      }
    },
    readersGone,
    close,
  };
}
