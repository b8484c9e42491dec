import type { DeliveryReceipt, SessionChange } from "@messnetz/model";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EmbeddedStore, EmbeddedStoreOptions } from "./port.ts";
import { deliveryLimits } from "./kept-deliveries.ts";
import { receiptLimits } from "./kept-receipts.ts";
import { batch, collect, message, minuteMs, observation, series, start, unknownUnit } from "./samples.fixture.ts";

export interface EmbeddedHarness {
  /** An empty store. */
  open(options: EmbeddedStoreOptions): Promise<EmbeddedStore>;
  /** The same store after its end and a new beginning; a store without a disk gives back the same. */
  reopen(store: EmbeddedStore, options: EmbeddedStoreOptions): Promise<EmbeddedStore>;
}

/**
 * What becomes of all that is received, wherever its parts are kept: in one database or in streams of a server. That the parts of a batch become
 * durable together or not at all is a promise of the embedded store only, and its own tests under kill -9 hold it to that.
 */
export function describeEmbeddedStore(name: string, harness: EmbeddedHarness): void {
  describe(`${name} as the store of all that is received`, () => {
    let now = start;
    const options = (): EmbeddedStoreOptions => ({
      quarantine: { maxBytes: 1000, maxAgeMs: 86_400_000 },
      clock: () => now,
    });
    let store: EmbeddedStore;

    beforeEach(async () => {
      now = start;
      store = await harness.open(options());
    });
    afterEach(() => store.close());

    const reopen = async () => {
      store = await harness.reopen(store, options());
    };
    const ledger = async () => {
      const lines: Record<string, string | number>[] = [];
      for (const { source, device, day, received, observations, ...counts } of await store.ledger.rows({})) {
        const sum = Object.values(counts).reduce((total, count) => total + count, 0);
        expect(sum, "the ledger balances").toBe(received);
        const seen = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
        lines.push({ key: `${day} ${source} ${device}`, observations, ...seen });
      }
      return lines;
    };
    const broken = (payload: string, receivedAt = start) =>
      message({ refusals: [unknownUnit], message: { payload: Buffer.from(payload), receivedAt } });

    it("ends every message once, and counts it", async () => {
      const result = await store.intake.commit(
        batch(
          message({ observations: series("a/x", 2) }),
          message({ observations: [observation({ datastream: "b/x" })], refusals: [unknownUnit] }),
          message(),
          message({ observations: series("a/x", 1) }),
          broken("rubbish"),
          message({ repeated: true }),
        ),
      );
      const ends = ["stored", "partial", "skipped", "duplicate", "quarantined", "duplicate"];
      expect(result).toMatchObject({
        outcomes: { stored: 1, partial: 1, skipped: 1, duplicate: 2, quarantined: 1, refused: 0 },
        observations: 3,
      });
      // Where bus and store are apart, nobody knows of each message.
      expect([[], ends]).toContainEqual(result.ends);
      await reopen();
      expect(await ledger()).toEqual([
        {
          key: "2026-03-01 waterworks senml:gauge-1",
          observations: 3,
          stored: 1,
          partial: 1,
          skipped: 1,
          duplicate: 2,
          quarantined: 1,
        },
      ]);
      expect(await store.observations.count({})).toBe(3);
    });

    it("takes a batch that is repeated for what it is", async () => {
      const all = batch(message({ observations: series("a/x", 3) }), broken("rubbish"));
      await store.intake.commit(all);
      await reopen();
      expect(await store.intake.commit(all)).toMatchObject({
        outcomes: { stored: 0, partial: 0, skipped: 0, duplicate: 2, quarantined: 0, refused: 0 },
        observations: 0,
      });
      expect(await store.observations.count({})).toBe(3);
      expect(await store.quarantine.list({ limit: 10 })).toHaveLength(1);
    });

    it("calls a correction stored, and counts no new observation", async () => {
      await store.intake.commit(batch(message({ observations: series("a/x", 3) })));
      await reopen();
      const corrected = [observation({ datastream: "a/x", result: 7, revision: 2 })];
      expect(await store.intake.commit(batch(message({ observations: corrected })))).toMatchObject({
        outcomes: { stored: 1 },
        observations: 0,
      });
      expect((await collect(store.observations.read({}))).map(({ result }) => result)).toEqual([7, 1, 2]);
    });

    it("tells the ledger by day, source and device", async () => {
      const of = (day: string, source: string, device: string) => message({ day, device, message: { source } });
      await store.intake.commit(
        batch(
          of("2026-03-02", "a", "x:1"),
          of("2026-03-01", "b", "x:1"),
          of("2026-03-01", "a", "x:2"),
          of("2026-03-01", "a", ""),
          of("2026-03-01", "a", "x:2"),
        ),
      );
      await reopen();
      expect((await ledger()).map(({ key }) => key)).toEqual([
        "2026-03-01 a ",
        "2026-03-01 a x:2",
        "2026-03-01 b x:1",
        "2026-03-02 a x:1",
      ]);
      const keys = async (query: Parameters<EmbeddedStore["ledger"]["rows"]>[0]) =>
        (await store.ledger.rows(query)).map(({ day, source, device }) => `${day} ${source} ${device}`);
      expect(await keys({ sources: ["b"] })).toEqual(["2026-03-01 b x:1"]);
      expect(await keys({ sources: ["nobody"] })).toEqual([]);
      expect(await keys({ devices: ["x:1"], fromDay: "2026-03-02" })).toEqual(["2026-03-02 a x:1"]);
      expect(await keys({ toDay: "2026-03-01", sources: ["a"] })).toEqual(["2026-03-01 a ", "2026-03-01 a x:2"]);
    });

    it("keeps raw bytes with their reasons in the quarantine", async () => {
      const payload = new Uint8Array([0, 255, 10, 0, 128]);
      const received = message({ device: "", refusals: [unknownUnit], message: { topic: "a\u0000ü/*", payload } });
      await store.intake.commit(batch(received));
      await reopen();
      const [entry] = await store.quarantine.list({ limit: 10 });
      expect(entry).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        source: "waterworks",
        device: "",
        topic: "a\u0000ü/*",
        receivedAt: start,
        refusals: [unknownUnit],
        payloadBytes: 5,
      });
      const whole = await store.quarantine.get(entry!.id);
      expect(whole?.payload).toEqual(payload);
      expect(await store.quarantine.get("0".repeat(32))).toBeUndefined();
    });

    it("lists the quarantine newest first, by source, interval and page", async () => {
      const at = (n: number) =>
        message({ refusals: [unknownUnit], message: { source: `s${n % 2}`, receivedAt: start - n * minuteMs } });
      await store.intake.commit(batch(...[3, 0, 2, 1].map(at)));
      const ages = async (query: Omit<Parameters<EmbeddedStore["quarantine"]["list"]>[0], "limit">, limit = 10) =>
        (await store.quarantine.list({ ...query, limit })).map(({ receivedAt }) => (start - receivedAt) / minuteMs);
      expect(await ages({})).toEqual([0, 1, 2, 3]);
      expect(await ages({ sources: ["s1"] })).toEqual([1, 3]);
      expect(await ages({ sources: ["nobody"] })).toEqual([]);
      expect(await ages({ interval: { from: start - 2 * minuteMs, to: start } })).toEqual([1, 2]);
      const [first] = await store.quarantine.list({ limit: 1 });
      expect(await ages({ before: first! }, 2)).toEqual([1, 2]);
    });

    it("drops what of the quarantine is named, for ever, and gives its room back", async () => {
      const of = (source: string, device: string, receivedAt: number) =>
        message({ device, refusals: [unknownUnit], message: { source, receivedAt, payload: Buffer.alloc(300) } });
      await store.intake.commit(batch(of("s1", "d:1", start), of("s1", "d:2", start + 1), of("s2", "d:1", start + 2)));
      expect(await store.quarantine.remove({})).toBe(0);
      expect(await store.quarantine.remove({ devices: [] })).toBe(0);
      expect(await store.quarantine.remove({ sources: ["s1"], devices: ["d:1", "d:3"] })).toBe(1);
      expect(await store.quarantine.remove({ interval: { from: start + 2, to: start + 3 } })).toBe(1);
      await reopen();
      const kept = await store.quarantine.list({ limit: 10 });
      expect(kept.map(({ source, device }) => [source, device])).toEqual([["s1", "d:2"]]);
      const { outcomes } = await store.intake.commit(batch(of("s1", "d:4", start + 4)));
      expect(outcomes).toMatchObject({ quarantined: 1, refused: 0 });
    });

    it("refuses what exceeds a credential's share of the quarantine, counts it, and keeps its readings", async () => {
      const reading = series("a/x", 1);
      await store.intake.commit(batch(broken("x".repeat(600))));
      await reopen();
      const flood = [
        broken("y".repeat(600)),
        message({ refusals: [unknownUnit], observations: reading, message: { payload: Buffer.alloc(600) } }),
      ];
      expect(await store.intake.commit(batch(...flood))).toMatchObject({
        outcomes: { quarantined: 0, refused: 2 },
        observations: 1,
      });
      const other = message({ refusals: [unknownUnit], message: { source: "other", payload: Buffer.alloc(600) } });
      expect(await store.intake.commit(batch(other))).toMatchObject({ outcomes: { quarantined: 1 } });
      expect(await store.quarantine.list({ limit: 10 })).toHaveLength(2);
      expect(await store.observations.count({})).toBe(1);
    });

    it("does not take messages without bytes for free", async () => {
      const messages = Array.from({ length: 50 }, (_, n) => broken("", start + n));
      const { outcomes } = await store.intake.commit(batch(...messages));
      expect(outcomes.refused).toBeGreaterThan(30);
    });

    it("lets old quarantine go, and gives its room away", async () => {
      await store.intake.commit(batch(broken("x".repeat(600))));
      now = start + 86_400_000;
      expect(await store.quarantine.list({ limit: 10 })).toEqual([]);
      expect(await store.intake.commit(batch(broken("y".repeat(600), now), broken("too old", start)))).toMatchObject({
        outcomes: { quarantined: 1, refused: 1 },
      });
      expect(await store.quarantine.list({ limit: 10 })).toHaveLength(1);
    });

    it("remembers deliveries: the newest of a packet id, an hour of all, and of open sessions the newest older ones", async () => {
      const receipt = (packetId: number, receivedAt: number): DeliveryReceipt => ({
        client: "a/1",
        packetId,
        payloadHash: `hash-${packetId}`,
        receivedAt,
        qos: 1,
      });
      const old = Array.from({ length: receiptLimits.perClient + 76 }, (_, n) => receipt(n + 1, start));
      await store.intake.commit({
        messages: [],
        sessions: [{ kind: "opened", client: "a/1", expiryMs: 0, at: start }],
        receipts: [...old, receipt(2000, start), receipt(2000, start + 5)],
      });
      await reopen();
      const before = await store.sessions.load();
      expect(before.receipts).toHaveLength(receiptLimits.perClient + 77);
      expect(before.receipts.at(-1)).toEqual({
        client: "a/1",
        packetId: 2000,
        payloadHash: "hash-2000",
        receivedAt: start + 5,
      });
      now = start + 5 + receiptLimits.maxAgeMs;
      const after = await store.sessions.load();
      expect(after.receipts).toHaveLength(receiptLimits.perClient);
      expect(after.receipts[0]?.packetId).toBe(78);
      await store.intake.commit({
        messages: [],
        sessions: [{ kind: "closed", client: "a/1", expiryMs: 0, at: now }],
        receipts: [],
      });
      expect((await store.sessions.load()).receipts).toEqual([]);
    });

    it("remembers deliveries that networks name, with what they brought, for two days", async () => {
      const seen = (n: number) => ({
        high: n,
        low: 4_294_967_295,
        receivedAt: start + n,
        ...(n === 2 && { at: start - 5 }),
      });
      await store.intake.commit({ ...batch(message()), deliveries: [seen(1), seen(2)] });
      await store.intake.commit({ ...batch(message()), deliveries: [seen(3)] });
      await store.intake.commit(batch(message()));
      await reopen();
      expect((await store.sessions.load()).deliveries).toEqual([seen(1), seen(2), seen(3)]);
      now = start + 2 + deliveryLimits.maxAgeMs;
      expect((await store.sessions.load()).deliveries).toEqual([seen(3)]);
    });

    it("remembers sessions, their expiry and open QoS 2 packet ids", async () => {
      const open = (client: string): SessionChange => ({ kind: "opened", client, expiryMs: 3_600_000, at: start });
      const received = (client: string, packetId: number): DeliveryReceipt => ({
        client,
        packetId,
        payloadHash: "h",
        receivedAt: start,
        qos: 2,
      });
      await store.intake.commit({
        messages: [],
        sessions: [open("a/1"), open("b/1"), open("c/1")],
        receipts: [received("a/1", 5), received("a/1", 3)],
      });
      await store.intake.commit({
        messages: [],
        sessions: [
          { kind: "released", client: "a/1", packetId: 5 },
          { kind: "closed", client: "b/1", expiryMs: 1000, at: start },
          { kind: "ended", client: "c/1" },
          open("c/2"),
        ],
        receipts: [received("a/1", 5)],
      });
      await reopen();
      const sessions = async () =>
        (await store.sessions.load()).sessions.toSorted((a, b) => (a.client < b.client ? -1 : 1));
      expect(await sessions()).toEqual([
        { client: "a/1", expiryMs: 3_600_000, openPacketIds: [3, 5] },
        { client: "b/1", expiryMs: 1000, closedAt: start, openPacketIds: [] },
        { client: "c/2", expiryMs: 3_600_000, openPacketIds: [] },
      ]);
      now = start + 1000;
      expect((await sessions()).map(({ client }) => client)).toEqual(["a/1", "c/2"]);
      expect((await store.sessions.load()).receipts).toEqual([]);
    });

    it("takes what happens to a packet id in the order of one batch", async () => {
      const of = (kind: "received" | "released", packetId: number): SessionChange => ({
        kind,
        client: "a/1",
        packetId,
      });
      const opened: SessionChange = { kind: "opened", client: "a/1", expiryMs: 3_600_000, at: start };
      const openIds = async () => (await store.sessions.load()).sessions[0]?.openPacketIds;
      const take = (...sessions: SessionChange[]) => store.intake.commit({ messages: [], receipts: [], sessions });
      await take(opened, of("received", 1), of("received", 2), of("released", 1), of("released", 3), of("received", 3));
      await reopen();
      expect(await openIds()).toEqual([2, 3]);
      await take(of("received", 4), { kind: "ended", client: "a/1" }, of("received", 5), opened, of("received", 6));
      await reopen();
      expect(await openIds()).toEqual([6]);
    });

    it("takes an empty batch", async () => {
      expect(await store.intake.commit(batch())).toMatchObject({ observations: 0 });
      await expect(store.check()).resolves.toBeUndefined();
    });

    it("keeps commits that are asked for at once in their order", async () => {
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          store.intake.commit(batch(message({ observations: series("a/x", n + 1) }))),
        ),
      );
      expect(results.map(({ observations }) => observations)).toEqual(Array.from({ length: 20 }, () => 1));
      expect(await store.observations.count({})).toBe(20);
    });
  });
}
