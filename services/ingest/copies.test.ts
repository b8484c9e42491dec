import type { RawMessage, Refusal } from "@messnetz/model";
import { refusal } from "@messnetz/model";
import type { Delivery, RoadResult } from "@messnetz/pipeline";
import { createMetrics } from "@messnetz/runtime";
import { createMemoryStore } from "@messnetz/store";
import { createFakeClock, fakeClockStart } from "@messnetz/testing";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Sender } from "./batch.ts";
import { ingestConfigSchema } from "./config.ts";
import { createDeliveries } from "./deliveries.ts";
import { createEvents } from "./events.ts";
import { createIntake } from "./intake.ts";
import type { Arrival } from "./intake-port.ts";

interface Copy {
  readonly operator: string;
  readonly id: number;
  readonly kind: "measures" | "refused" | "skips" | "foreign";
  /** Which of the operator's roads it comes by. */
  readonly source: number;
}

/** The payload says what becomes of it; the time is the network's, so it is the same in all copies. */
function roadWith(isCopy: (delivery: Delivery) => boolean) {
  return (message: RawMessage): RoadResult => {
    const { operator, id, kind } = JSON.parse(Buffer.from(message.payload).toString()) as Copy;
    const delivery = { operator, format: "trial", device: `trial:${operator}`, id: String(id), at: fakeClockStart };
    const nothing = {
      device: delivery.device,
      observations: [],
      refusals: [],
      receiptTimed: false,
      adopted: [],
      delivery,
    };
    if (isCopy(delivery)) return { ...nothing, isCopy: true };
    if (kind === "skips") return nothing;
    if (kind !== "measures") return { ...nothing, refusals: [reasons[kind]] };
    const observation = {
      datastream: `${operator}/level`,
      // Not the same in the copies: only the network's name tells them.
      phenomenonTime: message.receivedAt,
      ordinal: 0,
      resultTime: message.receivedAt,
      result: id,
      quality: "good" as const,
      checks: [],
      revision: 1,
    };
    return { ...nothing, observations: [observation] };
  };
}

const reasons: Readonly<Record<"refused" | "foreign", Refusal>> = {
  refused: refusal("no_codec", "a codec", "01a2"),
  foreign: refusal("foreign_device", "a device of its own", "trial:1"),
};

/** An ingest process on a store that outlives it; what was not acknowledged when it is killed is sent again. */
function createTrial(quarantineBytes = 1e9) {
  const clock = createFakeClock();
  const store = createMemoryStore({ quarantine: { maxBytes: quarantineBytes, maxAgeMs: 1e12 }, clock: clock.now });
  const silent = (): void => {};
  const log = { info: silent, warn: silent, error: silent };
  const sent: { readonly copy: Copy; readonly packetId: number }[] = [];
  let packetId = 0;
  let process = start(undefined);

  function start(kept: Awaited<ReturnType<typeof store.sessions.load>> | undefined) {
    let isAlive = true;
    const deliveries = createDeliveries(kept?.deliveries, { clock: clock.now });
    const intake = createIntake({
      config: ingestConfigSchema.parse({}),
      publisher: {
        publish: async (batch) => (isAlive ? store.intake.commit(batch) : new Promise<never>(() => {})),
      },
      road: roadWith(deliveries.isKnown),
      deliveries,
      ...(kept !== undefined && { receipts: kept.receipts }),
      adopt: () => [],
      flushAdoptions: async () => {},
      timeZone: "UTC",
      events: createEvents({ log, metrics: createMetrics({ process: false }) }),
      clock: clock.now,
    });
    const sender: Sender = { durable: ({ acknowledged }) => (isAlive ? void sent.splice(0, acknowledged) : undefined) };
    return { intake, sender, kill: () => (isAlive = false) };
  }

  function receive(copy: Copy, number: number, isDuplicate: boolean): void {
    clock.advance(1);
    const arrival: Arrival = {
      source: { id: `${copy.operator}-${copy.source}`, operator: copy.operator, topics: ["#"], adopt: [] },
      client: `${copy.operator}-${copy.source}/c`,
      topic: "t",
      payload: Buffer.from(JSON.stringify(copy)),
      qos: 1,
      packetId: number,
      isDuplicate,
      isDurable: true,
    };
    process.intake.receive(arrival, process.sender);
  }

  return {
    store,
    clock,
    unacknowledged: () => sent.length,
    send(copy: Copy): void {
      sent.push({ copy, packetId: ++packetId });
      receive(copy, packetId, false);
    },
    settle: async () => void (await process.intake.settled(2000)),
    async kill(): Promise<void> {
      process.kill();
      process = start(await store.sessions.load());
      for (const { copy, packetId: number } of sent) receive(copy, number, true);
    },
    async outcomes(): Promise<Record<string, number>> {
      const sums: Record<string, number> = {};
      for (const row of await store.ledger.rows({}))
        for (const key of ["received", "stored", "skipped", "quarantined", "refused", "duplicate", "partial"] as const)
          sums[key] = (sums[key] ?? 0) + row[key];
      return sums;
    },
  };
}

const one: Copy = { operator: "works", id: 1, kind: "measures", source: 1 };
const other = { ...one, source: 2 };

describe("copies of a delivery that its network names", () => {
  it("are counted, not stored, from whatever source of the operator they come, also after a kill", async () => {
    const trial = createTrial();
    trial.send(one);
    trial.send(other);
    await trial.settle();
    await trial.kill();
    trial.send(other);
    trial.send({ ...one, operator: "town" });
    await trial.settle();
    expect(await trial.outcomes()).toMatchObject({ received: 4, stored: 2, duplicate: 2 });
    expect(await trial.store.observations.count({})).toBe(2);
    expect(trial.unacknowledged()).toBe(0);
  });

  it("do not go to the quarantine a second time", async () => {
    const trial = createTrial();
    for (const source of [1, 2, 1]) trial.send({ ...one, kind: "refused", source });
    await trial.settle();
    expect(await trial.outcomes()).toMatchObject({ received: 3, quarantined: 1, duplicate: 2 });
  });

  it("are none where nothing was read and ten minutes have passed, or the quarantine had no room either", async () => {
    const trial = createTrial();
    trial.send({ ...one, kind: "refused" });
    await trial.settle();
    trial.clock.advance(600_000);
    // Its profile is there now.
    trial.send(one);
    trial.send(other);
    await trial.settle();
    expect(await trial.outcomes()).toMatchObject({ received: 3, quarantined: 1, stored: 1, duplicate: 1 });
    const full = createTrial(0);
    for (const kind of ["refused", "refused", "measures"] as const) {
      full.send({ ...one, kind });
      await full.settle();
    }
    expect(await full.outcomes()).toMatchObject({ received: 3, refused: 2, stored: 1, duplicate: 0 });
  });

  it("are none of what came from a source that may not speak for the device", async () => {
    const trial = createTrial();
    trial.send({ ...one, kind: "foreign" });
    trial.send(other);
    await trial.settle();
    expect(await trial.outcomes()).toMatchObject({ received: 2, quarantined: 1, stored: 1 });
  });

  it("are acknowledged no sooner than the first is durable", async () => {
    const trial = createTrial();
    trial.send(one);
    trial.send(other);
    expect(trial.unacknowledged()).toBe(2);
    // The first was lost with the process: what is sent again is the first then.
    await trial.kill();
    await trial.settle();
    expect(await trial.outcomes()).toMatchObject({ received: 2, stored: 1, duplicate: 1 });
  });

  it("leave one of each delivery, in whatever order they come and whenever the process is killed; the ledger balances", async () => {
    const copies = fc.record({
      operator: fc.constantFrom("works", "town"),
      id: fc.nat(5),
      source: fc.nat(2),
    });
    const steps = fc.array(fc.oneof({ weight: 6, arbitrary: copies }, fc.constantFrom("settle", "kill")), {
      maxLength: 60,
    });
    const kinds = fc.array(fc.constantFrom("measures", "refused", "skips"), { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(steps, kinds, async (list, kindOf) => {
        const trial = createTrial();
        const expected = new Map<string, string>();
        let committed = 0;
        for (const step of list) {
          if (step === "settle") await trial.settle();
          else if (step === "kill") await trial.kill();
          else {
            const kind = kindOf[step.id]!;
            expected.set(`${step.operator}/${step.id}`, kind);
            trial.send({ ...step, kind });
          }
        }
        await trial.settle();
        for (const step of list) if (typeof step === "object") committed++;
        const ends = [...expected.values()];
        const countOf = (kind: string) => ends.filter((end) => end === kind).length;
        expect(trial.unacknowledged()).toBe(0);
        expect(await trial.outcomes()).toEqual(
          list.some((step) => typeof step === "object")
            ? {
                received: committed,
                stored: countOf("measures"),
                quarantined: countOf("refused"),
                skipped: countOf("skips"),
                partial: 0,
                refused: 0,
                duplicate: committed - ends.length,
              }
            : {},
        );
        expect(await trial.store.observations.count({})).toBe(countOf("measures"));
      }),
      { numRuns: 100 },
    );
  });
});
