import { expect, it } from "vitest";
import { describeAuditLog } from "../audit-log-contract.ts";
import { AuditLogFullError } from "../errors.ts";
import type { AuditFact } from "../port.ts";
import { type AuditFill, openJetStreamAuditLog } from "./audit-log.ts";
import { describeOnNats } from "./nats-trial.fixture.ts";

describeOnNats("JetStream", ({ server, connect, closing }) => {
  const open = async (clock?: () => number) => {
    const link = await connect();
    return closing(openJetStreamAuditLog({ link, replicas: 1, maxBytes: 2_000_000, ...(clock && { clock }) }));
  };
  describeAuditLog("JetStream", {
    open,
    async reopen(log, clock) {
      await log.close();
      await server().kill();
      await server().restart();
      return open(clock);
    },
  });
  const fact = (rows: number) => ({ principal: "anna", action: "export", subject: "x", outcome: "done", rows });

  it("is one chain of several processes", async () => {
    const logs = await Promise.all([open(), open(), open()]);
    await Promise.all(logs.flatMap((log, index) => Array.from({ length: 20 }, () => log.append([fact(index)]))));
    expect(await logs[0].verify()).toEqual({ entries: 60 });
  });

  it("says where somebody was at it", async () => {
    const log = await open();
    await log.append([fact(1), fact(2)]);
    const link = await connect();
    const second = await link.manager.streams.getMessage("AUDIT", { seq: 2 });
    await link.jetstream.publish("audit.v1.entries", second!.data);
    expect(await log.verify()).toEqual({ entries: 3, brokenAt: 3 });
    await link.jetstream.publish("audit.v1.entries", "rubbish");
    // What is not of our making must not keep anybody from writing down what is done.
    await log.append([fact(3), fact(4)]);
    expect(await log.verify()).toEqual({ entries: 6, brokenAt: 3 });
    expect((await log.list({ limit: 10 })).map(({ rows }) => rows)).toEqual([4, 3, 2, 1]);
  });

  it("says that it is full and how to cure it, before and when it is, and goes on when it may grow or has been emptied", async () => {
    const link = await connect();
    const fills: AuditFill[] = [];
    const openWith = (maxBytes: number) =>
      closing(openJetStreamAuditLog({ link, replicas: 1, maxBytes, onFilling: (fill) => fills.push(fill) }));
    const log = await openWith(40_000);
    await log.check();
    expect(fills).toEqual([]);
    const long = (): AuditFact => ({ ...fact(0), subject: "x".repeat(2000) });
    let kept = 0;
    const untilRefused = async (): Promise<unknown> => {
      for (; kept < 100; kept++) {
        const refusal: unknown = await log.append([long()]).catch((error: unknown) => error);
        if (refusal !== undefined) return refusal;
        await log.check().catch(() => undefined);
      }
      return undefined;
    };
    const refusal = await untilRefused();
    expect(refusal).toBeInstanceOf(AuditLogFullError);
    expect(refusal).toMatchObject({ message: expect.stringContaining("MESSNETZ_NATS_AUDIT_MB") as string });
    expect(fills[0]?.maxBytes).toBe(40_000);
    expect(fills[0]?.bytes).toBeGreaterThan(32_000);
    await expect(log.check()).rejects.toThrow(AuditLogFullError);
    const larger = await openWith(60_000);
    await larger.check();
    await log.append([long()]);
    await link.manager.streams.purge("AUDIT", { seq: kept });
    await log.check();
    await log.append([fact(1)]);
    expect(await log.verify()).toEqual({ entries: 3 });
  });

  it("goes on where the oldest, or all, was taken out", async () => {
    const log = await open();
    await log.append([fact(1), fact(2), fact(3)]);
    const link = await connect();
    await link.manager.streams.purge("AUDIT", { seq: 3 });
    await log.append([fact(4)]);
    expect(await log.verify()).toEqual({ entries: 2 });
    await link.manager.streams.purge("AUDIT");
    await log.append([fact(5)]);
    await log.append([fact(6)]);
    expect(await log.verify()).toEqual({ entries: 2 });
    expect((await log.list({ limit: 10 })).map(({ seq, rows }) => [seq, rows])).toEqual([
      [6, 6],
      [5, 5],
    ]);
  });
});
