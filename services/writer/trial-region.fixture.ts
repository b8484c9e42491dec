import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { declareObservationStream } from "@messnetz/bus";
import { toIso } from "@messnetz/model";
import { connectNats, type NatsLink, publishDurably } from "@messnetz/nats";
import { openJetStreamLedger } from "@messnetz/store";
import {
  type Child,
  createTemporaryFolder,
  eventually,
  type Influx,
  type InfluxGeneration,
  type Nats,
  startChild,
  startInflux,
  startNats,
} from "@messnetz/testing";

/** Observation as it is on the bus. */
export type Element = Readonly<Record<string, unknown>>;

/** A received message: the observations that it brought. */
export interface TrialMessage {
  readonly source: string;
  readonly device?: string;
  readonly flags?: number;
  readonly elements: readonly Element[];
}

export const trialDay = "2026-03-28";
const trialStart = Date.parse(`${trialDay}T06:00:00Z`);

/** The number of an observation tells all of it: thing, time and value, so that a checker needs no memory. */
export function numbered(property: string, n: number, differences: Element = {}): Element {
  return {
    datastream: `gauge-${n % 7}/${property}`,
    phenomenonTime: trialStart + n * 1000,
    resultTime: trialStart + n * 1000 + 250,
    result: n,
    quality: "good",
    revision: 1,
    ...differences,
  };
}

const observationsMb = 512;
const mainFile = join(import.meta.dirname, "main.ts");
const failingFile = join(import.meta.dirname, "writer-process.fixture.ts");

export interface WriterProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Kills itself with SIGKILL behind this step, `<step>:<nth>`. */
  readonly failsAt?: string;
}

export interface TrialRegion extends AsyncDisposable {
  readonly nats: Nats;
  readonly influx: Influx;
  readonly link: NatsLink;
  startWriter(options?: WriterProcessOptions): Promise<Child>;
  /** One message of the bus, made by hand as docs/asyncapi.yaml says; resolves when it is stored. */
  publish(domain: string, messages: readonly TrialMessage[]): Promise<void>;
  publishRaw(subject: string, payload: string | Uint8Array, headers: Readonly<Record<string, string>>): Promise<void>;
  /** All rows of a measurement, asked of InfluxDB over HTTP; of its first database where none is named. */
  rows(measurement: string, database?: string): Promise<readonly InfluxRow[]>;
  /** How many rows the measurement has. */
  count(measurement: string): Promise<number>;
  /** Line protocol, written past the writer. */
  writeLines(lines: string): Promise<void>;
  ledger(): Promise<readonly Readonly<Record<string, number | string>>[]>;
  /** Sums of the ledger over all rows of a source. */
  ledgerOf(source: string): Promise<Readonly<Record<string, number>>>;
}

export interface InfluxRow {
  readonly thing: string;
  readonly domain: string;
  readonly timeMs: number;
  readonly value: number | string;
  readonly revision: number;
}

export async function startTrialRegion(options: {
  readonly influx: InfluxGeneration;
  readonly nats?: "debian" | "newest";
  readonly natsLines?: readonly string[];
}): Promise<TrialRegion> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await createTemporaryFolder());
  const nats = stack.use(await startNats({ version: options.nats ?? "newest", jetstream: options.natsLines ?? [] }));
  const influx = stack.use(await startInflux({ version: options.influx }));
  const link = await connectNats({ urls: [nats.url], name: "trial" });
  stack.defer(link.close);
  await declareObservationStream({ link, replicas: 1, maxBytes: observationsMb * 1_000_000 });
  const children = new Set<Child>();
  stack.defer(async () => void (await Promise.all([...children].map((child) => child.kill()))));
  const secretFile = join(folder.path, "secret");
  await writeFile(secretFile, influx.writer.token ?? influx.writer.password ?? "");
  const env: Record<string, string> = {
    MESSNETZ_NATS_URL: nats.url,
    MESSNETZ_NATS_OBSERVATIONS_MB: String(observationsMb),
    MESSNETZ_NATS_QUARANTINE_MB: "64",
    MESSNETZ_INFLUX_URL: influx.url,
    MESSNETZ_INFLUX_DATABASE: influx.database,
    MESSNETZ_OPERATIONS_PORT: "0",
    MESSNETZ_LOG: "json",
    ...(influx.org === undefined ? {} : { MESSNETZ_INFLUX_ORG: influx.org }),
    ...(influx.writer.token === undefined
      ? { MESSNETZ_INFLUX_USER: influx.writer.username!, MESSNETZ_INFLUX_PASSWORD_FILE: secretFile }
      : { MESSNETZ_INFLUX_TOKEN_FILE: secretFile }),
  };

  function headersOf({ username, password, token }: Influx["reader"]): Record<string, string> {
    const basic = Buffer.from(`${username}:${password}`).toString("base64");
    return { authorization: token === undefined ? `Basic ${basic}` : `Token ${token}` };
  }

  async function query(text: string, db: string): Promise<readonly InfluxSeries[]> {
    const url = `${influx.url}/query?${new URLSearchParams({ db, epoch: "ms", q: text }).toString()}`;
    const reply = await fetch(url, { headers: headersOf(influx.reader) });
    const answer = (await reply.json()) as { results?: { series?: InfluxSeries[]; error?: string }[]; error?: string };
    const error = answer.error ?? answer.results?.find((result) => result.error !== undefined)?.error;
    if (!reply.ok || error !== undefined) throw new Error(`InfluxDB answered ${reply.status} ${error}`);
    return answer.results?.flatMap(({ series }) => series ?? []) ?? [];
  }

  /** Repeats under the same id, as ingest does. */
  async function publishRaw(
    subject: string,
    payload: string | Uint8Array,
    headers: Readonly<Record<string, string>>,
  ): Promise<void> {
    const messageId = randomUUID();
    await eventually(
      "the stream to take the message",
      async () => (await publishDurably(link, { subject, payload, headers, messageId })).seq > 0,
      60_000,
    );
  }

  const ledgerRows: TrialRegion["ledger"] = async () => {
    const ledger = await openJetStreamLedger({ link, replicas: 1 });
    try {
      return (await ledger.rows({})) as unknown as Awaited<ReturnType<TrialRegion["ledger"]>>;
    } finally {
      await ledger.close();
    }
  };

  const owned = stack.move();
  return {
    nats,
    influx,
    link,
    async startWriter({ env: more = {}, failsAt } = {}) {
      const child = await startChild(process.execPath, {
        args: [failsAt === undefined ? mainFile : failingFile],
        env: { ...env, ...more, ...(failsAt === undefined ? {} : { MESSNETZ_TRIALS: failsAt }) },
      });
      children.add(child);
      void child.ended().then(() => children.delete(child));
      return child;
    },
    async publish(domain, messages) {
      const rows = messages.map(({ source, device = "mac:1", flags = 0, elements }) => ({
        source,
        device,
        values: [elements.length, flags],
      }));
      const sources = [...new Set(rows.map(({ source }) => source))];
      const devices = [...new Set(rows.map(({ device }) => device))];
      await publishRaw(`observations.v1.${domain}`, JSON.stringify(messages.flatMap(({ elements }) => elements)), {
        "Content-Type": "application/json",
        "Messnetz-Schema": "observations.v1",
        "Messnetz-Messages": JSON.stringify({
          days: [trialDay],
          sources,
          devices,
          rows: rows.map(({ source, device, values }) => [
            0,
            sources.indexOf(source),
            devices.indexOf(device),
            ...values,
          ]),
        }),
      });
    },
    publishRaw,
    async writeLines(lines) {
      const url = `${influx.url}/write?${new URLSearchParams({ db: influx.database }).toString()}`;
      const reply = await fetch(url, { method: "POST", headers: headersOf(influx.writer), body: lines });
      if (!reply.ok) throw new Error(`InfluxDB answered ${reply.status} ${await reply.text()}`);
    },
    async count(measurement) {
      const series = await query(`SELECT count("received") FROM "${measurement}"`, influx.database);
      return Number(series[0]?.values[0]?.[1] ?? 0);
    },
    async rows(measurement, database = influx.database) {
      const series = await query(`SELECT * FROM "${measurement}"`, database);
      return series.flatMap(({ columns, values }) => {
        const at = (name: string): number => columns.indexOf(name);
        return values.map((row) => ({
          thing: String(row[at("thing")]),
          domain: String(row[at("domain")]),
          timeMs: Number(row[at("time")]),
          value: (row[at("value")] ?? row[at("state")]) as number | string,
          // Absent: the first decoding.
          revision: Number(row[at("revision")] ?? 1),
        }));
      });
    },
    ledger: ledgerRows,
    async ledgerOf(source) {
      const sums: Record<string, number> = {};
      for (const row of await ledgerRows()) {
        if (row["source"] !== source) continue;
        for (const [name, value] of Object.entries(row))
          if (typeof value === "number") sums[name] = (sums[name] ?? 0) + value;
      }
      return sums;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What a writer says on one of its operations paths: status and text. */
export async function askOperations(writer: Child, path: "/ready" | "/metrics"): Promise<readonly [number, string]> {
  const [, port] = await writer.sees(/"port":(\d+),"msg":"Health and metrics are served/);
  const reply = await fetch(`http://127.0.0.1:${port}${path}`);
  return [reply.status, await reply.text()];
}

interface InfluxSeries {
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

/** What is wrong with the numbered observations `[0, count)`: missing, there more than once, or with another time or value. */
export function faultsOf(rows: readonly InfluxRow[], count: number): readonly string[] {
  const seen = new Map<number, number>();
  const faults: string[] = [];
  for (const row of rows) {
    const n = Number(row.value);
    seen.set(n, (seen.get(n) ?? 0) + 1);
    if (row.timeMs !== trialStart + n * 1000 || row.thing !== `gauge-${n % 7}`)
      faults.push(`${n} is at ${row.thing} ${toIso(row.timeMs)}`);
  }
  for (let n = 0; n < count; n++) if (seen.get(n) !== 1) faults.push(`${n} is there ${seen.get(n) ?? 0} times`);
  if (seen.size !== count) faults.push(`${seen.size} different observations, expected ${count}`);
  return faults.slice(0, 20);
}
