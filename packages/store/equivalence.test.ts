import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  checks,
  type DeliveryReceipt,
  type IntakeBatch,
  type IntakeMessage,
  type Observation,
  qualities,
  type SessionChange,
} from "@messnetz/model";
import * as fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { openDuckDbStore } from "./duckdb/store.ts";
import { createMemoryStore } from "./memory.ts";
import type { EmbeddedStore, EmbeddedStoreOptions, ObservationQuery, QuarantineRemoval, StoreEvent } from "./port.ts";
import { aggregateRows, collect, start, unknownUnit } from "./samples.fixture.ts";

const trials = process.env["MESSNETZ_TRIALS"] === "full" ? 500 : 25;
const root = await mkdtemp(join(tmpdir(), "messnetz-equivalence-"));
afterAll(() => rm(root, { recursive: true }));

/** Few of everything, so that identities meet. */
const datastream = fc.constantFrom("a/x", "a/x.1", "a/y", "B/x", "ä/z");
const time = fc.integer({ min: 0, max: 12 }).map((n) => start + (n - 6) * 600_000);
const observation: fc.Arbitrary<Observation> = fc
  .record(
    {
      datastream,
      phenomenonTime: time,
      ordinal: fc.constantFrom(0, 0, 0, 1, 70_000),
      resultTime: time,
      result: fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
        fc.constantFrom(0, 1, 2.5),
        fc.constantFrom("open", "closed", "", "a\u0000b"),
      ),
      quality: fc.constantFrom(...qualities),
      checks: fc.subarray([...checks]),
      revision: fc.integer({ min: 1, max: 3 }),
      intervalMs: fc.constantFrom(0, 900_000),
      deviceTime: fc.constantFrom(-1, 0, start),
    },
    {
      requiredKeys: [
        "datastream",
        "phenomenonTime",
        "ordinal",
        "resultTime",
        "result",
        "quality",
        "checks",
        "revision",
      ],
    },
  )
  .map(({ intervalMs, ...rest }) => {
    const amount = intervalMs === undefined ? {} : { intervalStart: rest.phenomenonTime - intervalMs };
    return Object.assign(rest, amount);
  });

const message: fc.Arbitrary<IntakeMessage> = fc.record({
  message: fc.record({
    topic: fc.constantFrom("t/1", "t/ü"),
    payload: fc.constantFrom("", "x", "y".repeat(300)).map((text) => new Uint8Array(Buffer.from(text))),
    receivedAt: time,
    source: fc.constantFrom("s1", "s2"),
  }),
  device: fc.constantFrom("", "d:1", "d:\u0000"),
  day: fc.constantFrom("2026-02-28", "2026-03-01"),
  observations: fc.array(observation, { maxLength: 6 }),
  refusals: fc.constantFrom([], [], [unknownUnit]),
  repeated: fc.boolean(),
});

const client = fc.constantFrom("s1/a", "s1/b", "s2/c");
const packetId = fc.constantFrom(1, 2, 65_535);
const receipt: fc.Arbitrary<DeliveryReceipt> = fc.record({
  client,
  packetId,
  payloadHash: fc.constantFrom("h1", "h2"),
  receivedAt: time,
  qos: fc.constantFrom(1, 2),
});
const session: fc.Arbitrary<SessionChange> = fc.oneof(
  fc.record({
    kind: fc.constantFrom("opened", "closed"),
    client,
    expiryMs: fc.constantFrom(0, 1_200_000, Number.MAX_SAFE_INTEGER),
    at: time,
  }),
  fc.record({ kind: fc.constant("ended"), client }),
  fc.record({ kind: fc.constantFrom("received", "released"), client, packetId }),
);
const batch: fc.Arbitrary<IntakeBatch> = fc.record({
  messages: fc.array(message, { maxLength: 5 }),
  receipts: fc.array(receipt, { maxLength: 4 }),
  sessions: fc.array(session, { maxLength: 4 }),
});

const key = fc.record({ datastream, phenomenonTime: time, ordinal: fc.constantFrom(0, 1) });
const interval = fc.tuple(time, time).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
const names = {
  datastreams: fc.subarray(["a/x", "a/x.1", "B/x", "none/x"]),
  things: fc.subarray(["a", "B", "none"]),
  properties: fc.subarray(["x", "y", "z"]),
  interval,
};
const query: fc.Arbitrary<ObservationQuery> = fc.record(
  { ...names, after: key, limit: fc.integer({ min: 0, max: 9 }) },
  { requiredKeys: [] },
);

const quarantineRemoval = fc.record(
  { sources: fc.subarray(["s1", "s3"]), devices: fc.subarray(["d:1", "", "none"]), interval },
  { requiredKeys: [] },
);

/** Times lie around the turn of a month: what is closed, what is late for it, and what is open meet. */
type Step =
  | { readonly kind: "commit"; readonly batch: IntakeBatch }
  | { readonly kind: "write"; readonly observations: readonly Observation[] }
  | { readonly kind: "query"; readonly query: ObservationQuery }
  | { readonly kind: "remove"; readonly query: Omit<ObservationQuery, "after" | "limit"> }
  | { readonly kind: "drop"; readonly query: QuarantineRemoval }
  | { readonly kind: "close"; readonly which: "due" | "over" }
  | { readonly kind: "reopen" }
  | { readonly kind: "wait"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("commit"), batch }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("write"), observations: fc.array(observation, { maxLength: 8 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("query"), query }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove"), query: fc.record(names, { requiredKeys: [] }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop"), query: quarantineRemoval }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("close"), which: fc.constantFrom("due", "over") }) },
  { weight: 2, arbitrary: fc.constant({ kind: "reopen" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("wait"), ms: fc.constantFrom(600_000, 3_600_000, 40 * 86_400_000) }),
  },
);

async function answers(store: EmbeddedStore, of: ObservationQuery): Promise<unknown> {
  return {
    rows: await collect(store.observations.read(of)),
    latest: await store.observations.latest(of),
    count: await store.observations.count(of),
    windows: await aggregateRows(store.observations.aggregate(of, 900_000)),
    hours: await aggregateRows(store.observations.aggregate(of, 3_600_000)),
  };
}

async function everything(store: EmbeddedStore): Promise<unknown> {
  const { sessions, receipts } = await store.sessions.load();
  const byClient = <T extends { client: string }>(list: readonly T[]) =>
    list.toSorted((a, b) => (a.client < b.client ? -1 : Number(a.client > b.client)));
  return {
    ...((await answers(store, {})) as object),
    ledger: await store.ledger.rows({}),
    quarantine: await store.quarantine.list({ limit: 1000 }),
    sessions: byClient(sessions),
    receipts: byClient(receipts),
  };
}

/** What happens to sessions happens now. */
function atOnce(given: IntakeBatch, now: number): IntakeBatch {
  return {
    ...given,
    sessions: given.sessions.map((change) => ("at" in change ? Object.assign({}, change, { at: now }) : change)),
  };
}

async function apply(store: EmbeddedStore, { kind, ...rest }: Step, now: number): Promise<unknown> {
  const given = rest as Partial<{ batch: IntakeBatch; observations: Observation[]; query: ObservationQuery }>;
  if (kind === "commit") return store.intake.commit(atOnce(given.batch!, now));
  if (kind === "write") return store.observations.write(given.observations!);
  if (kind === "query") return answers(store, given.query!);
  if (kind === "drop") return store.quarantine.remove(given.query as QuarantineRemoval);
  if (kind === "remove") {
    const { observations, datastreams, removedAt } = await store.observations.remove(given.query!);
    return { observations, datastreams, removedAt };
  }
  return undefined;
}

it(
  "DuckDB answers as the memory store does, whatever is committed, asked and reopened in between",
  { timeout: 600_000 },
  async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        fc.record({
          recentIdentities: fc.constantFrom(0, 4, 1000),
          foldAtRows: fc.constantFrom(1, 5, 1000),
          rowsPerFile: fc.constantFrom(1, 4, 1000),
        }),
        async (steps, sizes) => {
          let now = start + 3_600_000;
          const events: StoreEvent[] = [];
          const options: EmbeddedStoreOptions = {
            quarantine: { maxBytes: 1200, maxAgeMs: 5_400_000 },
            clock: () => now,
          };
          const inDuckDb = {
            ...options,
            directory: join(root, String(run++)),
            commitEveryMs: 0,
            ...sizes,
            onEvent(event: StoreEvent) {
              if (event.kind !== "month") events.push(event);
            },
          };
          const memory = createMemoryStore(options);
          let duckdb = await openDuckDbStore(inDuckDb);
          try {
            for (const one of steps) {
              if (one.kind === "wait") now += one.ms;
              if (one.kind === "close") await duckdb.months.close(one.which === "due" ? "due" : undefined);
              if (one.kind === "reopen") {
                await duckdb.close();
                duckdb = await openDuckDbStore(inDuckDb);
              }
              expect(await apply(duckdb, one, now)).toEqual(await apply(memory, one, now));
              expect(await everything(duckdb)).toEqual(await everything(memory));
            }
          } finally {
            await duckdb.close();
            expect(events).toEqual([]);
            await rm(inDuckDb.directory, { recursive: true });
          }
        },
      ),
      { numRuns: trials },
    );
  },
);
