import { setTimeout as delay } from "node:timers/promises";
import { compareLedgerRows, emptyCounts, type Tally, TallySheet, toLedgerRow } from "../ledger-tally.ts";
import { connectNats } from "@messnetz/nats";
import { eventually } from "@messnetz/testing";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { openJetStreamLedger } from "./ledger.ts";
import { describeOnNats } from "./nats-trial.fixture.ts";
import type { PartitionLedger } from "./partition-ledger.ts";

const isFull = process.env["MESSNETZ_TRIALS"] === "full";
const rounds = isFull ? 20 : 3;
/** After so long the server is killed: any moment is good. */
const maxLifeMs = 300;
const patienceMs = 30_000;

const tallyOf = fc.record({
  source: fc.constantFrom("waterworks", "straße\u0000"),
  device: fc.integer({ min: 0, max: 20 }).map((n) => `gerät:${n}`),
  day: fc.constantFrom("2026-03-01", "2026-03-02", "2026-03-03"),
  counts: fc
    .record({ stored: fc.nat(3), duplicate: fc.nat(2), observations: fc.nat(9) })
    .map((some) => ({ ...emptyCounts(), ...some })),
});
const batches = (seed: number): Tally[][] =>
  fc.sample(fc.array(tallyOf, { maxLength: 12 }), { seed, numRuns: 400 }) as Tally[][];

describeOnNats("the ledger under kill -9", ({ server, connect, closing }) => {
  it(
    "equals the fold of what was received",
    async () => {
      const sheet = new TallySheet();
      let seq = 0;

      /** A writer's life: it begins, counts until `ended`, and goes without a good-bye. */
      async function write(tallies: readonly Tally[][], ended: () => boolean): Promise<void> {
        const link = await connectNats({ urls: [server().url], name: "writer" });
        try {
          const open = () => openJetStreamLedger({ link, replicas: 1, foldAt: 200 });
          const ledger = await eventually("the ledger to open", open, patienceMs);
          const book = await eventually("the partition", () => ledger.claim("water"), patienceMs);
          // What was counted without our hearing of it is counted: the redelivered batch is not counted again.
          expect(book.position.countedTo).toBe(seq);
          await countAll(book, tallies, ended);
        } finally {
          await link.connection.close();
        }
      }

      async function countAll(book: PartitionLedger, tallies: readonly Tally[][], ended: () => boolean): Promise<void> {
        for (let n = 0; !ended(); n++) {
          const some = tallies[n % tallies.length]!;
          seq += 1;
          for (const tally of some) sheet.add(tally);
          const span = { from: seq, to: seq, writtenTo: seq - 1, tallies: some };
          await eventually(`message ${seq} to be counted`, () => book.append(span).then(() => true), patienceMs);
        }
      }

      const seed = Math.floor(Math.random() * 2 ** 31);
      for (let round = 0; round < rounds; round++) {
        let isOver = false;
        const writing = write(batches(seed + round), () => isOver);
        // A third of the lives sees two kills of the server.
        for (let kill = 0; kill <= (round % 3 === 0 ? 1 : 0); kill++) {
          await Promise.race([writing, delay(Math.random() * maxLifeMs + 50)]);
          await server().kill();
          await server().restart();
        }
        await Promise.race([writing, delay(Math.random() * maxLifeMs)]);
        isOver = true;
        await writing;
      }
      const link = await connect();
      const reader = await closing(openJetStreamLedger({ link, replicas: 1 }));
      const rows = [...sheet.tallies()].map(toLedgerRow).sort(compareLedgerRows);
      const some = rows.filter(({ received, observations }) => received + observations > 0);
      const came = (await reader.rows({})).filter(({ received, observations }) => received + observations > 0);
      expect(came, `seed ${seed}`).toEqual(some);
      expect(seq).toBeGreaterThan(rounds * 3);
    },
    rounds * 20_000,
  );
});
