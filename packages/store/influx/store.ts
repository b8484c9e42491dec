import { setTimeout as delay } from "node:timers/promises";
import type { Observation } from "@messnetz/model";
import { ObservationsRefusedError, StoreUnavailableError } from "../errors.ts";
import { foldWindows } from "../fold.ts";
import type { WriteResult } from "../port.ts";
import { fates } from "../tally-rows.ts";
import { createConnection } from "./connection.ts";
import { countObservations } from "./counts.ts";
import { createFailures } from "./failure.ts";
import { createStatements, execute } from "./influxql.ts";
import { learnAll } from "./newest.ts";
import type { InfluxStore, InfluxStoreOptions } from "./options.ts";
import { readObservations } from "./read.ts";
import { relearn, removeObservations } from "./removal.ts";
import { createStreams } from "./streams.ts";
import { createObservationWriter } from "./observation-writer.ts";

const firstPauseMs = 250;
const longestPauseMs = 10_000;

/**
 * Waits until the server answers and tells why it waits by events; learns the newest observation of every datastream from the ends of the
 * series. Rejects when `signal` says so.
 */
export async function openInfluxStore(options: InfluxStoreOptions): Promise<InfluxStore> {
  const onEvent = options.onEvent ?? (() => undefined);
  const connection = createConnection(options, createFailures(onEvent));
  const streams = createStreams();

  async function check(): Promise<void> {
    const statements = createStatements();
    // A statement about a bucket that is not there has no rows and no error in 2.x.
    statements.add("SHOW DATABASES");
    const what = `have ${options.database} for this account`;
    const names = (await execute(connection, statements, what)).map(([name]) => name);
    if (names.includes(options.database)) return;
    throw connection.failures.ofStatement(what, `database not found among ${JSON.stringify(names)}`);
  }

  async function begin(): Promise<1 | 2> {
    const { "x-influxdb-version": version } = await connection.ping();
    await check();
    await learnAll(connection, streams);
    // 1.x says so; 2.x and 3 say 2…, 3…, or the name of a build.
    return /^v?[01]\./.test(String(version)) ? 1 : 2;
  }

  const generation = await untilItAnswers(begin, options.signal).catch((error: unknown) => {
    connection.close();
    throw error;
  });
  const writer = createObservationWriter({ connection, generation, streams, domainOf: options.domainOf, onEvent });
  let writes: Promise<unknown> = Promise.resolve();

  async function writeAll(observations: readonly Observation[]): Promise<WriteResult> {
    const prepared = await writer.prepare(observations);
    const { refused } = await prepared.write();
    if (refused.length > 0) throw new ObservationsRefusedError(refused);
    const count = (fate: number): number => prepared.fates.reduce((sum, one) => sum + Number(one === fate), 0);
    return { added: count(fates.added), corrected: count(fates.corrected) };
  }

  function observe(observations: readonly Observation[]): void {
    for (const observation of observations) {
      const stream = streams.ensure(observation.datastream);
      if (stream !== undefined) streams.observe(stream, observation);
    }
  }

  return {
    prepare: writer.prepare,
    write(observations) {
      const result = writes.then(() => writeAll(observations));
      writes = result.catch(() => undefined);
      return result;
    },
    observe,
    async learn() {
      // Into a memory of its own: who knows an old one is not asked about younger ages.
      const learned = createStreams();
      await learnAll(connection, learned);
      for (const { id, latest, learnedDomain } of learned.select({})) {
        const stream = streams.ensure(id);
        if (stream === undefined || latest === undefined) continue;
        streams.observe(stream, latest);
        if (stream.latest === latest) stream.learnedDomain = learnedDomain;
      }
    },
    datastreams: () =>
      streams
        .select({})
        .map(({ id, domain, learnedDomain }) => ({ id, domain: domain === "" ? learnedDomain : domain })),
    relearn: (removed) => relearn(connection, streams, removed),
    read: (query) => readObservations(connection, streams, query),
    aggregate: (query, windowMs) => foldWindows(readObservations(connection, streams, query), windowMs),
    latest: (query) =>
      Promise.resolve(
        streams
          .select(query)
          .slice(0, query.limit)
          .flatMap(({ latest }) => latest ?? []),
      ),
    count: (query) => countObservations(connection, streams, query),
    remove: (query) => removeObservations(connection, streams, query),
    check,
    async close() {
      await writes;
      connection.close();
    },
  };
}

async function untilItAnswers<T>(ask: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    signal?.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      await delay(Math.max(pauseMs, error.retryAfterMs ?? 0), undefined, signal === undefined ? {} : { signal });
    }
  }
}
