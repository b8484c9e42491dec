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
  });
});
