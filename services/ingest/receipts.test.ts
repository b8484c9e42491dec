import { expect, it } from "vitest";
import { createReceipts, type Delivery, type KeptReceipt, payloadHash } from "./receipts.ts";

const hour = 3_600_000;

function receipt(differences: Partial<KeptReceipt> = {}): KeptReceipt {
  return { client: "a/1", packetId: 1, payloadHash: "p", receivedAt: 1000, ...differences };
}

function delivery(differences: Partial<Delivery> = {}): Delivery {
  return { client: "a/1", packetId: 1, payloadHash: "p", ...differences };
}

it("recalls the first time of receipt of client, packet id and payload together", () => {
  const receipts = createReceipts([receipt()]);
  expect(receipts.recall(delivery())).toBe(1000);
  expect(receipts.recall(delivery({ payloadHash: "other" }))).toBeUndefined();
  expect(receipts.recall(delivery({ packetId: 2 }))).toBeUndefined();
  expect(receipts.recall(delivery({ client: "b/1" }))).toBeUndefined();
});

it("tells topics and payloads apart", () => {
  const [x, y] = [Buffer.from("x"), Buffer.from("y")];
  expect(payloadHash("t1", x)).toBe(payloadHash("t1", Buffer.from("x")));
  expect(new Set([payloadHash("t1", x), payloadHash("t1", y), payloadHash("t2", x)]).size).toBe(3);
});

it("forgets a packet id that was used for something else", () => {
  const receipts = createReceipts([receipt()]);
  receipts.forget("a/1", 1);
  expect(receipts.recall(delivery())).toBeUndefined();
  expect(receipts.size()).toBe(0);
});

it("keeps every packet id of the last hour, and of older ones the newest 1,024", () => {
  const receipts = createReceipts();
  for (let id = 1; id <= 5000; id++) receipts.remember(receipt({ packetId: id, receivedAt: id }));
  expect(receipts.size()).toBe(5000);
  receipts.remember(receipt({ packetId: 5001, receivedAt: 6000 + hour }));
  expect(receipts.size()).toBe(1024);
  expect(receipts.recall(delivery({ packetId: 5000 }))).toBe(5000);
  expect(receipts.recall(delivery({ packetId: 3000 }))).toBeUndefined();
});

it("drops silent clients that nobody keeps, after an hour", () => {
  const receipts = createReceipts([
    receipt({ client: "a/gone" }),
    receipt({ client: "a/kept" }),
    receipt({ client: "a/new", receivedAt: hour }),
  ]);
  receipts.sweep(1001 + hour, (client) => client === "a/kept");
  expect(receipts.recall(delivery({ client: "a/gone" }))).toBeUndefined();
  expect(receipts.recall(delivery({ client: "a/kept" }))).toBe(1000);
  expect(receipts.recall(delivery({ client: "a/new" }))).toBe(hour);
  expect(receipts.size()).toBe(2);
});

it("recalls nothing that is older than it is asked for", () => {
  const receipts = createReceipts([receipt()]);
  expect(receipts.recall(delivery(), 1000)).toBe(1000);
  expect(receipts.recall(delivery(), 1001)).toBeUndefined();
});

it("stays below its bound with many busy clients, each keeping its newest", () => {
  const receipts = createReceipts([], 2000);
  for (let id = 1; id <= 1000; id++)
    for (let client = 0; client < 10; client++)
      receipts.remember(receipt({ client: `a/${client}`, packetId: id, receivedAt: id }));
  expect(receipts.size()).toBeLessThanOrEqual(2000);
  expect(receipts.size()).toBeGreaterThan(1900);
  for (let client = 0; client < 10; client++)
    expect(receipts.recall(delivery({ client: `a/${client}`, packetId: 1000 }))).toBe(1000);
});

it("stays below its bound with clients of few deliveries each: those that were silent longest go first", () => {
  const receipts = createReceipts([], 2000);
  const remember = (client: number, packetId: number) =>
    receipts.remember(receipt({ client: `a/${client}`, packetId, receivedAt: client }));
  for (let client = 0; client < 3000; client++) {
    remember(client, 1);
    remember(client, 2);
    if (client % 100 === 99) remember(0, 1);
  }
  expect(receipts.size()).toBeLessThanOrEqual(2000);
  expect(receipts.recall(delivery({ client: "a/2999" }))).toBe(2999);
  expect(receipts.recall(delivery({ client: "a/0" }))).toBe(0);
  expect(receipts.recall(delivery({ client: "a/1" }))).toBeUndefined();
});
