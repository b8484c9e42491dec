import { openSqliteAuditLog } from "./sqlite-audit-log.ts";

/** Appends to the audit log that its argument names until it is killed; after each entry it writes how many there are. */
const log = await openSqliteAuditLog({ file: process.argv[2]! });
for (let entries = 1; ; entries++) {
  await log.append([{ principal: "anna", action: "export", subject: "x", outcome: "done" }]);
  process.stdout.write(`${entries}\n`);
}
