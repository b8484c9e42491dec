import { expect, it } from "vitest";
import { createReceipts, type KeptReceipt, payloadHash } from "./receipts.ts";

const hour = 3_600_000;

function receipt(differences: Partial<KeptReceipt> = {}): KeptReceipt {
  return { client: "a/1", packetId: 1, payloadHash: "p", receivedAt: 1000, ...differences };
}

it("recalls the first time of receipt of client, packet id and payload together", () => {
  const receipts = createReceipts([receipt()]);
  expect(receipts.recall("a/1", 1, "p")).toBe(1000);
  expect(receipts.recall("a/1", 1, "other")).toBeUndefined();
  expect(receipts.recall("a/1", 2, "p")).toBeUndefined();
  expect(receipts.recall("b/1", 1, "p")).toBeUndefined();
});

it("tells topics and payloads apart", () => {
  const [x, y] = [Buffer.from("x"), Buffer.from("y")];
  expect(payloadHash("t1", x)).toBe(payloadHash("t1", Buffer.from("x")));
  expect(new Set([payloadHash("t1", x), payloadHash("t1", y), payloadHash("t2", x)]).size).toBe(3);
});

it("forgets a packet id that was used for something else", () => {
  const receipts = createReceipts([receipt()]);
  receipts.forget("a/1", 1);
  expect(receipts.recall("a/1", 1, "p")).toBeUndefined();
  expect(receipts.size()).toBe(0);
});

it("keeps every packet id of the last hour, and of older ones the newest 1,024", () => {
  const receipts = createReceipts();
  for (let id = 1; id <= 5000; id++) receipts.remember(receipt({ packetId: id, receivedAt: id }));
  expect(receipts.size()).toBe(5000);
  receipts.remember(receipt({ packetId: 5001, receivedAt: 6000 + hour }));
  expect(receipts.size()).toBe(1024);
  expect(receipts.recall("a/1", 5000, "p")).toBe(5000);
  expect(receipts.recall("a/1", 3000, "p")).toBeUndefined();
});

it("drops silent clients that nobody keeps, after an hour", () => {
  const receipts = createReceipts([
    receipt({ client: "a/gone" }),
    receipt({ client: "a/kept" }),
    receipt({ client: "a/new", receivedAt: hour }),
  ]);
  receipts.sweep(1001 + hour, (client) => client === "a/kept");
  expect(receipts.recall("a/gone", 1, "p")).toBeUndefined();
  expect(receipts.recall("a/kept", 1, "p")).toBe(1000);
  expect(receipts.recall("a/new", 1, "p")).toBe(hour);
  expect(receipts.size()).toBe(2);
});

it("stays below its bound with many busy clients, each keeping its newest", () => {
  const receipts = createReceipts();
  for (let id = 1; id <= 30_000; id++)
    for (let client = 0; client < 10; client++)
      receipts.remember(receipt({ client: `a/${client}`, packetId: id, receivedAt: id }));
  expect(receipts.size()).toBeLessThanOrEqual(200_010);
  expect(receipts.recall("a/3", 30_000, "p")).toBe(30_000);
});
