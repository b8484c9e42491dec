import type { Observation } from "@messnetz/model";
import {
  createMemoryAuditLog,
  createMemoryStore,
  openDuckDbStore,
  parseRetention,
  type RemovalReceipt,
} from "@messnetz/store";
import { createFakeClock, createTemporaryFolder } from "@messnetz/testing";
import { expect, it } from "vitest";
import { startUpkeep } from "./upkeep.ts";

const dayMs = 86_400_000;
const start = Date.UTC(2026, 0, 1);

/** One a day of a gauge and of a loop. */
function days(count: number): Observation[] {
  return Array.from({ length: count }, (_, day) => start + day * dayMs).flatMap((phenomenonTime) =>
    ["gauge-1/water_level", "loop-1/vehicle_count"].map((datastream) => ({
      datastream,
      phenomenonTime,
      ordinal: 0,
      resultTime: phenomenonTime,
      result: 1,
      quality: "good" as const,
      checks: [],
      revision: 1,
    })),
  );
}

it("closes each month when it is due and removes what the rules say, with its receipt in log and audit log", async () => {
  await using folder = await createTemporaryFolder();
  const clock = createFakeClock(start + 33 * dayMs);
  const told: string[] = [];
  const store = await openDuckDbStore({
    directory: folder.path,
    quarantine: { maxBytes: 1000, maxAgeMs: 1000 },
    clock: clock.now,
  });
  const audit = createMemoryAuditLog({ clock: clock.now });
  const ending = new AbortController();
  const upkeep = startUpkeep({
    store,
    audit,
    rules: parseRetention("traffic=45d"),
    domainOf: (thing) => (thing === "loop-1" ? "traffic" : "water"),
    clock: clock.now,
    signal: ending.signal,
    events: {
      upkeepFailed: (cause) => told.push(`failed: ${String(cause)}`),
      removed: ({ rule, observations }: RemovalReceipt & { rule: string }) => told.push(`${rule} ${observations}`),
    },
  });
  await store.observations.write(days(90));

  await upkeep.look();
  expect(store.months.list()).toEqual([]);
  clock.set(start + 34 * dayMs);
  await Promise.all([upkeep.look(), upkeep.look()]);
  expect(store.months.list()).toMatchObject([{ month: "2026-01", revision: 1, rows: 62 }]);
  expect(told).toEqual([]);

  clock.set(Date.UTC(2026, 2, 18));
  await upkeep.look();
  await upkeep.look();
  expect(told).toEqual(["traffic/*=45d 31"]);
  expect(store.months.list()).toMatchObject([
    { month: "2026-01", revision: 2, rows: 31 },
    { month: "2026-02", revision: 1, rows: 56 },
  ]);
  expect(await audit.list({ limit: 10 })).toMatchObject([
    { principal: "messnetz", action: "retention", subject: "traffic/*=45d before 2026-02-01T00:00:00.000Z", rows: 31 },
  ]);

  await store.close();
  await upkeep.look();
  expect(told.at(-1)).toMatch(/^failed: StoreUnavailableError/);
  ending.abort();
  await upkeep.look();
  expect(told).toHaveLength(2);
  await upkeep.close();
});

it("touches nothing where there are no rules", async () => {
  const store = createMemoryStore({ quarantine: { maxBytes: 1000, maxAgeMs: 1000 } });
  await store.observations.write(days(3));
  const upkeep = startUpkeep({
    store,
    audit: createMemoryAuditLog({}),
    rules: [],
    domainOf: () => "water",
    clock: () => start + 10_000 * dayMs,
    signal: new AbortController().signal,
    events: {
      upkeepFailed: (cause) => expect.unreachable(String(cause)),
      removed: ({ rule }) => expect.unreachable(rule),
    },
  });
  await upkeep.look();
  await upkeep.close();
  expect(await store.observations.count({})).toBe(6);
});
