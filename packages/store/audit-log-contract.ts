import type { EpochMs } from "@messnetz/model";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AuditFact, AuditLog, AuditQuery } from "./port.ts";
import { minuteMs, start } from "./samples.fixture.ts";

export interface AuditHarness {
  /** An empty log. */
  open(clock: () => EpochMs): Promise<AuditLog>;
  /** The same log after its end and a new beginning; a log that is not durable gives back the same. */
  reopen(log: AuditLog, clock: () => EpochMs): Promise<AuditLog>;
}

/** What an audit log does: it takes, gives back, and tells when somebody was at it. */
export function describeAuditLog(name: string, harness: AuditHarness): void {
  describe(`${name} as the audit log`, () => {
    let now = start;
    const clock = (): EpochMs => now;
    let log: AuditLog;
    const fact = (change: Partial<AuditFact> = {}): AuditFact => ({
      principal: "anna",
      action: "export",
      subject: "gauge-1/water_level",
      outcome: "done",
      ...change,
    });
    const seqs = async (query: Partial<AuditQuery> = {}) =>
      (await log.list({ limit: 1000, ...query })).map(({ seq }) => seq);

    beforeEach(async () => {
      now = start;
      log = await harness.open(clock);
    });
    afterEach(() => log.close());

    it("is empty and whole at first", async () => {
      expect(await log.list({ limit: 10 })).toEqual([]);
      expect(await log.verify()).toEqual({ entries: 0 });
    });

    it("keeps what was done, by whom and when, over a new beginning", async () => {
      await log.append([fact({ rows: 3 }), fact({ principal: "straße\u0000", subject: "ü\n\"'*>" })]);
      now += minuteMs;
      await log.append([fact({ outcome: "refused: not yours" })]);
      await log.append([]);
      log = await harness.reopen(log, clock);
      const hash = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
      const entries = await log.list({ limit: 10 });
      expect(entries).toEqual([
        { ...fact({ outcome: "refused: not yours" }), seq: 3, at: start + minuteMs, previous: hash, hash },
        { ...fact({ principal: "straße\u0000", subject: "ü\n\"'*>" }), seq: 2, at: start, previous: hash, hash },
        { ...fact({ rows: 3 }), seq: 1, at: start, previous: "", hash },
      ]);
      expect(entries[0]!.previous).toBe(entries[1]!.hash);
      await log.append([fact()]);
      expect(await log.verify()).toEqual({ entries: 4 });
    });

    it("lists newest first, by who, what, when and page", async () => {
      for (let n = 0; n < 10; n++) {
        now = start + n * minuteMs;
        await log.append([fact({ principal: `p${n % 2}`, action: n % 3 === 0 ? "remove" : "export" })]);
      }
      expect(await seqs()).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
      expect(await seqs({ principals: ["p1"] })).toEqual([10, 8, 6, 4, 2]);
      expect(await seqs({ principals: [] })).toEqual([]);
      expect(await seqs({ actions: ["remove"], principals: ["p0"] })).toEqual([7, 1]);
      expect(await seqs({ interval: { from: start + 2 * minuteMs, to: start + 5 * minuteMs } })).toEqual([5, 4, 3]);
      expect(await seqs({ interval: { from: start + 20 * minuteMs, to: start + 30 * minuteMs } })).toEqual([]);
      expect(await seqs({ interval: { from: 0, to: start } })).toEqual([]);
      expect(await seqs({ limit: 3 })).toEqual([10, 9, 8]);
      expect(await seqs({ before: 8, limit: 2 })).toEqual([7, 6]);
      expect(await seqs({ before: 8, principals: ["p0"], limit: 2 })).toEqual([7, 5]);
      expect(await seqs({ before: 1 })).toEqual([]);
    });

    it("gives all of many entries", async () => {
      await log.append(Array.from({ length: 150 }, () => fact()));
      expect(await seqs()).toEqual(Array.from({ length: 150 }, (_, n) => 150 - n));
      expect(await seqs({ principals: ["nobody"] })).toEqual([]);
    });

    it("never goes back in time", async () => {
      await log.append([fact()]);
      now = start - minuteMs;
      await log.append([fact()]);
      expect((await log.list({ limit: 2 })).map(({ at }) => at)).toEqual([start, start]);
    });

    it("makes one chain of what comes at once", async () => {
      await Promise.all(Array.from({ length: 20 }, (_, n) => log.append([fact({ rows: n }), fact({ rows: n })])));
      expect(await log.verify()).toEqual({ entries: 40 });
      const rows = (await log.list({ limit: 40 })).map((entry) => entry.rows);
      for (let n = 0; n < 40; n += 2) expect(rows[n], "what was appended together stays together").toBe(rows[n + 1]);
    });
  });
}
