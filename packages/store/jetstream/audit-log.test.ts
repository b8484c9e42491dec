import { expect, it } from "vitest";
import { describeAuditLog } from "../audit-log-contract.ts";
import { openJetStreamAuditLog } from "./audit-log.ts";
import { describeOnNats } from "./nats-trial.fixture.ts";

describeOnNats("JetStream", ({ server, connect, closing }) => {
  const open = async (clock?: () => number) => {
    const link = await connect();
    return closing(openJetStreamAuditLog({ link, replicas: 1, ...(clock && { clock }) }));
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
