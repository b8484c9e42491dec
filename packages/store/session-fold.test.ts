import type { DeliveryReceipt, SessionChange } from "@messnetz/model";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { receiptLimits } from "./kept-receipts.ts";
import { start } from "./samples.fixture.ts";
import { SessionFold } from "./session-fold.ts";

const hourMs = receiptLimits.maxAgeMs;

function receipt(client: string, packetId: number, receivedAt: number): DeliveryReceipt {
  return { client, packetId, payloadHash: "h", receivedAt, qos: 1 };
}

it("forgets client ids that were used once after an hour, and keeps those whose session lives", () => {
  const fold = new SessionFold();
  fold.apply({ kind: "opened", client: "s/stays", expiryMs: 2 * hourMs, at: start });
  fold.receive(receipt("s/stays", 1, start));
  for (let n = 0; n < 5000; n++) {
    const client = `s/once-${n}`;
    fold.apply({ kind: "opened", client, expiryMs: 0, at: start });
    fold.receive(receipt(client, 1, start));
    fold.apply(n % 2 === 0 ? { kind: "ended", client } : { kind: "closed", client, expiryMs: 0, at: start });
  }
  expect(fold.snapshot(start + hourMs - 1).receipts).toHaveLength(5001);
  const later = fold.snapshot(start + hourMs);
  expect(later.receipts.map(({ client }) => client)).toEqual(["s/stays"]);
  expect(later.sessions.map(({ client }) => client)).toEqual(["s/stays"]);
});

it("keeps the newest of all receipts, whoever they are of", () => {
  const { overall } = receiptLimits;
  const fold = new SessionFold();
  for (let n = 0; n < overall + 1000; n++)
    fold.receive(receipt(`s/${n % 5000}`, Math.floor(n / 5000), start + (n >> 4)));
  const { receipts } = fold.snapshot(start);
  expect(receipts).toHaveLength(overall);
  const oldest = receipts.reduce((time, { receivedAt }) => Math.min(time, receivedAt), Infinity);
  expect(oldest - start).toBe(1000 >> 4);
});

const few = { maxAgeMs: hourMs, perClient: 3, overall: Number.POSITIVE_INFINITY };

/** The rule in other words: the state after every step is what is left of it, nothing is kept aside. */
class SimpleReceipts {
  #list: DeliveryReceipt[] = [];

  receive(given: DeliveryReceipt): void {
    this.#list = this.#list.filter((one) => one.client !== given.client || one.packetId !== given.packetId);
    this.#list.push(given);
  }

  drop(living: ReadonlySet<string>, now: number): void {
    this.#list = this.#list.filter((one) => {
      if (one.receivedAt > now - hourMs) return true;
      const ofClient = this.#list.filter(({ client }) => client === one.client);
      return living.has(one.client) && ofClient.indexOf(one) >= ofClient.length - few.perClient;
    });
  }

  keys(): string[] {
    return keysOf(this.#list);
  }
}

function keysOf(receipts: readonly Omit<DeliveryReceipt, "qos">[]): string[] {
  return receipts.map(({ client, packetId, receivedAt }) => `${client} ${packetId} ${receivedAt}`).sort();
}

type Step =
  | { readonly kind: "receive"; readonly client: string; readonly packetId: number }
  | Extract<SessionChange, { kind: "opened" | "closed" }>
  | Extract<SessionChange, { kind: "ended" }>
  | { readonly kind: "look" };

const client = fc.constantFrom("s/a", "s/b", "s/c");
const step: fc.Arbitrary<{ step: Step; waitMs: number }> = fc.record({
  step: fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("receive"), client, packetId: fc.nat({ max: 5 }) }) },
    fc.record({
      kind: fc.constantFrom("opened", "closed"),
      client,
      expiryMs: fc.constantFrom(0, hourMs / 2, 3 * hourMs),
      at: fc.constant(0),
    }),
    fc.record({ kind: fc.constant("ended"), client }),
    fc.record({ kind: fc.constant("look") }),
  ),
  waitMs: fc.constantFrom(1, 1, hourMs / 3, hourMs, 4 * hourMs),
});

it("drops what a simple model drops, whenever it is looked at or written anew", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const untouched = new SessionFold(few);
      const model = new SimpleReceipts();
      let rewritten = new SessionFold(few);
      let now = start;
      for (const { step: one, waitMs } of steps) {
        now += waitMs;
        const before = new Set(untouched.snapshot(now).sessions.map((session) => session.client));
        model.drop(before, now);
        if (one.kind === "look") rewritten = rewrite(rewritten, now);
        for (const fold of [untouched, rewritten]) {
          if (one.kind === "receive") fold.receive(receipt(one.client, one.packetId, now));
          else if (one.kind === "ended") fold.apply(one);
          else if (one.kind !== "look") fold.apply({ ...one, at: now });
        }
        if (one.kind === "receive") model.receive(receipt(one.client, one.packetId, now));
        const after = untouched.snapshot(now);
        model.drop(new Set(after.sessions.map((session) => session.client)), now);
        for (const fold of [untouched, rewritten]) expect(keysOf(fold.snapshot(now).receipts)).toEqual(model.keys());
      }
    }),
    { numRuns: 300 },
  );

  function rewrite(fold: SessionFold, now: number): SessionFold {
    const { sessions, receipts } = fold.history(now);
    const anew = new SessionFold(few);
    for (const change of sessions) anew.apply(change);
    for (const kept of receipts) anew.receive(kept);
    return anew;
  }
});

it("takes a repeat of what came before the session for old, also after the history was written anew", () => {
  const fold = new SessionFold();
  fold.apply({ kind: "opened", client: "s/a", expiryMs: 0, at: start + 2 * hourMs });
  const anew = new SessionFold();
  for (const change of fold.history(start + 2 * hourMs).sessions) anew.apply(change);
  for (const one of [fold, anew]) {
    one.receive(receipt("s/a", 1, start));
    expect(one.snapshot(start + 2 * hourMs).receipts).toEqual([]);
  }
});
