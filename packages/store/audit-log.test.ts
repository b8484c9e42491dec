import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createTemporaryFolder, startChild } from "@messnetz/testing";
import { afterAll, describe, expect, it } from "vitest";
import { describeAuditLog } from "./audit-log-contract.ts";
import { createMemoryAuditLog } from "./memory-audit-log.ts";
import { openSqliteAuditLog } from "./sqlite-audit-log.ts";

const folder = await createTemporaryFolder();
afterAll(() => folder.remove());
let opened = 0;
let file = "";
const newFile = (): string => (file = join(folder.path, `audit-${opened++}.sqlite`));

describeAuditLog("Memory", {
  open: (clock) => Promise.resolve(createMemoryAuditLog({ clock })),
  reopen: (log) => Promise.resolve(log),
});
describeAuditLog("SQLite", {
  open: (clock) => openSqliteAuditLog({ file: newFile(), clock }),
  async reopen(log, clock) {
    await log.close();
    return openSqliteAuditLog({ file, clock });
  },
});

const fact = { principal: "anna", action: "export", subject: "x", outcome: "done" };

describe("the audit log in a file", () => {
  it.each([
    ["changed", "update audit set subject = 'y' where seq = 2", { entries: 3, brokenAt: 2 }],
    ["dropped", "delete from audit where seq = 2", { entries: 2, brokenAt: 3 }],
    ["moved in time", "update audit set at = at + 1 where seq = 2", { entries: 3, brokenAt: 2 }],
  ])("says where an entry was %s", async (_, sql, verdict) => {
    const log = await openSqliteAuditLog({ file: newFile() });
    await log.append([fact, fact, fact]);
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
    expect(await log.verify()).toEqual(verdict);
    await log.close();
  });

  it("refuses a file of something else, and leaves it as it is", async () => {
    const database = new DatabaseSync(newFile());
    database.exec("create table other (x)");
    database.close();
    await expect(openSqliteAuditLog({ file })).rejects.toThrow("it is a database of something else");
  });

  it("has what it said it has after kill -9", async () => {
    newFile();
    const child = await startChild(process.execPath, {
      args: [join(import.meta.dirname, "auditing-process.fixture.ts"), file],
    });
    await child.sees(/^40$/m);
    await child.kill();
    const said = Number(child.output().trimEnd().split("\n").at(-1));
    const log = await openSqliteAuditLog({ file });
    const { entries, brokenAt } = await log.verify();
    expect(brokenAt).toBeUndefined();
    expect([said, said + 1]).toContain(entries);
    await log.close();
  });
});
