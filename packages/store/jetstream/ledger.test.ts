import { eventually } from "@messnetz/testing";
import { describe, expect, it } from "vitest";
import { emptyCounts, type Tally, TallySheet, toLedgerRow, compareLedgerRows } from "../ledger-tally.ts";
import type { StoreEvent } from "../port.ts";
import { type JetStreamLedgerOptions, openJetStreamLedger } from "./ledger.ts";
import { readDayRecord, toDayRecord, packTallies, toLedgerRecord } from "./ledger-record.ts";
import { describeOnNats } from "./nats-trial.fixture.ts";
import { type PartitionLedger, PartitionTakenError } from "./partition-ledger.ts";

const stored = (device: string, messages = 1, day = "2026-03-01"): Tally => ({
  source: "waterworks",
  device,
  day,
  counts: { ...emptyCounts(), stored: messages, observations: 2 * messages },
});

function rowsOf(...tallies: readonly Tally[]) {
  const sheet = new TallySheet();
  for (const tally of tallies) sheet.add(tally);
  return [...sheet.tallies()].map(toLedgerRow).sort(compareLedgerRows);
}

/** Appends the next message of the partition. */
async function count(book: PartitionLedger, ...tallies: readonly Tally[]): Promise<void> {
  const seq = book.position.countedTo + 1;
  await book.append({ from: seq, to: seq, writtenTo: seq - 1, tallies });
}

describeOnNats("the ledger on JetStream", ({ connect, connectByLine, closing }) => {
  const open = async (options: Partial<JetStreamLedgerOptions> = {}) => {
    const link = await connect();
    return { link, ...(await closing(openJetStreamLedger({ ...options, link, replicas: 1 }))) };
  };

  describe("a partition", () => {
    it("begins at 0, and goes on where the writer before was", async () => {
      const first = await (await open()).claim("water");
      expect(first.position).toEqual({ countedTo: 0, writtenTo: 0, correctedTo: 0 });
      await first.append({ from: 4, to: 9, writtenTo: 3, tallies: [stored("a")] });
      await first.correct({ from: 4, to: 7, tallies: [] });
      await first.advance(8);
      const ledger = await open();
      const second = await ledger.claim("water");
      expect(second.position).toEqual({ countedTo: 9, writtenTo: 8, correctedTo: 7 });
      expect((await ledger.claim("waste")).position.countedTo).toBe(0);
      expect(await ledger.positions()).toEqual(
        new Map([
          ["water", second.position],
          ["waste", { countedTo: 0, writtenTo: 0, correctedTo: 0 }],
        ]),
      );
    });

    it("remembers how new the newest was that it counted, and goes back where the stream did", async () => {
      const book = await (await open()).claim("water");
      await book.append({ from: 1, to: 5, writtenTo: 0, newestAt: 2000, tallies: [stored("a")] });
      await book.append({ from: 6, to: 9, writtenTo: 5, newestAt: 1000, tallies: [stored("a")] });
      await book.correct({ from: 1, to: 2, tallies: [] });
      await book.rewind(4);
      const ledger = await open();
      const again = await ledger.claim("water");
      expect(again.position).toEqual({ countedTo: 4, writtenTo: 4, correctedTo: 2, newestAt: 2000 });
      await again.append({ from: 5, to: 9, writtenTo: 4, tallies: [stored("a")] });
      expect(await ledger.rows({})).toEqual(rowsOf(stored("a", 3)));
    });

    it("counts what was counted no second time, and takes no half of it", async () => {
      const ledger = await open();
      const book = await ledger.claim("water");
      await book.append({ from: 1, to: 5, writtenTo: 0, tallies: [stored("a")] });
      await book.append({ from: 2, to: 5, writtenTo: 4, tallies: [stored("a")] });
      await expect(book.append({ from: 5, to: 6, writtenTo: 4, tallies: [stored("a")] })).rejects.toThrow(
        "expected 5 to 6 to begin behind 5, which is counted: cut it there",
      );
      expect(book.position).toEqual({ countedTo: 5, writtenTo: 4, correctedTo: 0 });
      expect(await ledger.rows({})).toEqual(rowsOf(stored("a")));
    });

    it("takes back what a store refused in the end, once", async () => {
      const ledger = await open();
      const book = await ledger.claim("water");
      await count(book, stored("a", 3));
      const tallies = [{ ...stored("a"), counts: { ...emptyCounts(), stored: -1, partial: 1, observations: -1 } }];
      await book.correct({ from: 1, to: 1, tallies });
      await book.correct({ from: 1, to: 1, tallies });
      expect(await ledger.rows({})).toMatchObject([{ received: 3, stored: 2, partial: 1, observations: 5 }]);
    });

    it("counts once what was stored without our hearing of it", async () => {
      const { link, line } = await connectByLine();
      const ledger = await closing(openJetStreamLedger({ link, replicas: 1 }));
      const book = await ledger.claim("water");
      await count(book, stored("a"));
      const other = await open();
      const repeated = { from: 2, to: 4, writtenTo: 1, tallies: [stored("b")] };
      line.loseAnswers();
      const first = book.append(repeated).catch(String);
      await eventually("it to be stored", async () => (await other.rows({})).length === 2);
      line.cut();
      expect(await first).toContain("the connection to NATS was lost");
      await eventually("it to be counted", () => book.append(repeated).then(() => true));
      expect(book.position).toMatchObject({ countedTo: 4, writtenTo: 1 });
      expect(await other.rows({})).toEqual(rowsOf(stored("a"), stored("b")));
    });

    it("has one writer: the one before can do nothing any more", async () => {
      const ledger = await open();
      const old = await ledger.claim("water");
      await count(old, stored("a"));
      const next = await (await open()).claim("water");
      for (const attempt of [
        () => old.append({ from: 2, to: 2, writtenTo: 1, tallies: [stored("b")] }),
        () => old.append({ from: 1, to: 1, writtenTo: 1, tallies: [] }),
        () => old.correct({ from: 1, to: 1, tallies: [stored("b")] }),
        () => old.advance(1),
      ]) {
        await expect(attempt()).rejects.toThrow(PartitionTakenError);
      }
      await count(next, stored("c"));
      expect(await ledger.rows({})).toEqual(rowsOf(stored("a"), stored("c")));
    });

    it("has one writer also when both write at once", async () => {
      const ledger = await open();
      const books = [await ledger.claim("water"), await (await open()).claim("water")];
      const ends = await Promise.allSettled(books.flatMap((book) => [1, 2, 3].map(() => count(book, stored("a")))));
      const done = ends.filter(({ status }) => status === "fulfilled").length;
      expect(done).toBeGreaterThan(0);
      expect(ends.slice(0, 3).every(({ status }) => status === "rejected")).toBe(true);
      expect(await ledger.rows({})).toEqual(rowsOf(stored("a", 1)));
    });
  });

  it("keeps counts that are larger than a message in one piece", async () => {
    const ledger = await open({ foldAt: 1_000_000 });
    const book = await ledger.claim("water");
    const many = Array.from({ length: 30_000 }, (_, n) => stored(`lorawan:${n.toString(16).padStart(16, "0")}`));
    await count(book, ...many);
    const reader = await open();
    expect(await reader.rows({})).toEqual(rowsOf(...many));
    const { state } = await ledger.link.manager.streams.info("LEDGER_DELTAS");
    expect(state.messages, "several parts").toBeGreaterThan(3);
  });

  it("takes a beginning without an end for nothing", async () => {
    const ledger = await open();
    const book = await ledger.claim("water");
    await count(book, stored("a"));
    const [tallies] = packTallies([stored("lost")], 1000);
    const record = { position: book.position, tallies, part: { id: "killed", number: 1, of: 2 } };
    await ledger.link.jetstream.publish("ledger.v1.deltas.water", toLedgerRecord(record));
    const next = await (await open()).claim("water");
    expect(next.position.countedTo).toBe(1);
    await count(next, stored("b"));
    expect(await ledger.rows({})).toEqual(rowsOf(stored("a"), stored("b")));
  });

  describe("folding", () => {
    async function fill(book: PartitionLedger, deltas: number, day?: string): Promise<void> {
      for (let n = 0; n < deltas; n++) await count(book, stored(`device-${n % 7}`, 1, day));
    }
    const expected = (deltas: number, day?: string) =>
      Array.from({ length: deltas }, (_, n) => stored(`device-${n % 7}`, 1, day));

    it("leaves few deltas, and the same counts", async () => {
      const ledger = await open({ foldAt: 50 });
      const book = await ledger.claim("water");
      await fill(book, 100, "2026-03-01");
      await fill(book, 100, "2026-03-02");
      const counts = rowsOf(...expected(100, "2026-03-01"), ...expected(100, "2026-03-02"));
      expect(await ledger.rows({})).toEqual(counts);
      await eventually("the deltas to be purged", async () => {
        const { state } = await ledger.link.manager.streams.info("LEDGER_DELTAS");
        return state.messages < 60;
      });
      expect(await ledger.rows({})).toEqual(counts);
      const again = await open();
      expect(await again.rows({})).toEqual(counts);
      expect(await again.rows({ fromDay: "2026-03-02", devices: ["device-3"] })).toEqual(
        counts.filter(({ day, device }) => day === "2026-03-02" && device === "device-3"),
      );
      expect((await again.claim("water")).position.countedTo).toBe(200);
    });

    it("counts nothing twice when it ends between the day and the purge", async () => {
      const ledger = await open({ foldAt: 1_000_000 });
      const book = await ledger.claim("water");
      await fill(book, 20);
      const { state } = await ledger.link.manager.streams.info("LEDGER_DELTAS");
      const [tallies] = packTallies(expected(20), 10_000);
      const whole = { foldedTo: state.last_seq, parts: [], previous: 0, tallies: tallies! };
      const day = "ledger.v1.days.2026-03-01.water";
      await ledger.link.jetstream.publish(day, toDayRecord({ ...whole, part: { id: "done", number: 1, of: 1 } }));
      expect(await ledger.rows({})).toEqual(rowsOf(...expected(20)));
      // And a next one that never came to its end.
      const begun = { ...whole, previous: 1, part: { id: "killed", number: 1, of: 2 } };
      await ledger.link.jetstream.publish(day, toDayRecord(begun));
      expect(await (await open()).rows({})).toEqual(rowsOf(...expected(20)));
    });

    it("lets the oldest days make room where there is none, so that counting goes on", async () => {
      const failures: StoreEvent[] = [];
      const dropped: string[] = [];
      const ledger = await open({
        foldAt: 50,
        onEvent: (event) => failures.push(event),
        onDayDropped: (day) => dropped.push(day),
      });
      const { streams } = ledger.link.manager;
      const { config } = await streams.info("LEDGER_DAYS");
      await streams.update("LEDGER_DAYS", { ...config, max_bytes: 3000 });
      const book = await ledger.claim("water");
      const days = Array.from({ length: 6 }, (_, n) => `2026-03-0${n + 1}`);
      for (const day of days) {
        await fill(book, 70, day);
        await eventually("the deltas to be folded", async () => {
          await count(book);
          return (await streams.info("LEDGER_DELTAS")).state.messages < 70;
        });
      }
      const rows = await (await open()).rows({});
      const left = days.filter((day) => rows.some((row) => row.day === day));
      expect(left.length).toBeGreaterThan(1);
      expect(left).toEqual(days.slice(-left.length));
      expect(rows).toEqual(rowsOf(...left.flatMap((day) => expected(70, day))));
      expect(dropped).toEqual(days.slice(0, -left.length));
      expect(dropped.length).toBeGreaterThan(0);
      expect(failures).toEqual([]);
    });

    it("writes days that are larger than a message", async () => {
      const ledger = await open({ foldAt: 30_000 });
      const book = await ledger.claim("water");
      const many = Array.from({ length: 20_000 }, (_, n) => stored(`lorawan:${n.toString(16).padStart(16, "0")}`));
      await count(book, ...many);
      await count(book, ...many);
      await ledger.rows({});
      await count(book, stored("a"));
      const all = rowsOf(...many, ...many, stored("a"));
      await eventually("the deltas to be purged", async () => {
        const { state } = await ledger.link.manager.streams.info("LEDGER_DELTAS");
        return state.messages < 5;
      });
      const last = await ledger.link.manager.streams.getMessage("LEDGER_DAYS", {
        last_by_subj: "ledger.v1.days.2026-03-01.water",
      });
      expect(readDayRecord(last!.string()).part.of).toBeGreaterThan(1);
      expect(await (await open()).rows({})).toEqual(all);
    });

    it("of two processes at once loses nothing", async () => {
      const faults: StoreEvent[] = [];
      const options = { foldAt: 20, onEvent: (event: StoreEvent) => void faults.push(event) };
      const total = 300;
      let book = await (await open(options)).claim("water");
      for (let n = 0; n < total; n++) {
        if (n % 60 === 59) book = await (await open(options)).claim("water");
        await count(book, stored(`device-${n % 7}`));
      }
      expect(await (await open()).rows({})).toEqual(rowsOf(...expected(total)));
    });
  });
});
