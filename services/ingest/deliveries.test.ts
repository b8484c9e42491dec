import type { Delivery } from "@messnetz/pipeline";
import { describe, expect, it } from "vitest";
import { createDeliveries } from "./deliveries.ts";

const now = Date.parse("2026-03-29T00:30:00Z");
const dayMs = 86_400_000;
const minuteMs = 60_000;

function delivery(differences: Partial<Delivery> = {}): Delivery {
  return { operator: "works", format: "loriot", device: "lorawan:70b3d57ed0001a2b", id: "9/2/01a2", ...differences };
}

describe("deliveries", () => {
  it("know a copy by operator, format, device and the network's id", () => {
    const deliveries = createDeliveries();
    expect(deliveries.isKnown(delivery())).toBe(false);
    deliveries.remember(delivery(), now);
    expect(deliveries.isKnown(delivery())).toBe(true);
    for (const other of [{ operator: "town" }, { format: "thingpark" }, { device: "lorawan:7" }, { id: "9/2/01a3" }])
      expect(deliveries.isKnown(delivery(other))).toBe(false);
  });

  it("take a counter that begins anew for new, and copies within ten minutes of the network's clock for copies", () => {
    const deliveries = createDeliveries();
    deliveries.remember(delivery({ at: now }), now);
    expect(deliveries.isKnown(delivery({ at: now + 10 * minuteMs }))).toBe(true);
    expect(deliveries.isKnown(delivery({ at: now - 10 * minuteMs }))).toBe(true);
    expect(deliveries.isKnown(delivery({ at: now + 10 * minuteMs + 1 }))).toBe(false);
    deliveries.remember(delivery({ at: now + 60 * minuteMs }), now + 60 * minuteMs);
    expect(deliveries.isKnown(delivery({ at: now + 60 * minuteMs }))).toBe(true);
    expect(deliveries.size()).toBe(1);
  });

  it("are known after a restart, by what was kept of them", () => {
    const before = createDeliveries();
    const kept = Array.from({ length: 3000 }, (_, n) =>
      before.remember(delivery({ id: `${n}`, at: now + n }), now + n),
    );
    const after = createDeliveries(kept);
    for (let n = 0; n < 3000; n++) expect(after.isKnown(delivery({ id: `${n}`, at: now + n }))).toBe(true);
    expect(after.isKnown(delivery({ id: "3000", at: now }))).toBe(false);
    expect(after.isKnown(delivery({ id: "1", at: now + dayMs }))).toBe(false);
  });

  it("are known for a day at least and two at most", () => {
    const deliveries = createDeliveries();
    deliveries.remember(delivery({ id: "first" }), now);
    for (let hour = 1; hour <= 47; hour++)
      deliveries.remember(delivery({ id: `hour ${hour}` }), now + (hour * dayMs) / 24);
    expect(deliveries.isKnown(delivery({ id: "first" }))).toBe(true);
    deliveries.remember(delivery({ id: "hour 48" }), now + 2 * dayMs);
    expect(deliveries.isKnown(delivery({ id: "first" }))).toBe(false);
    expect(deliveries.isKnown(delivery({ id: "hour 25" }))).toBe(true);
  });

  it("are known for ten minutes where nothing of them was read, also after a restart, so that a cure by sending again works", () => {
    const minutesOn = (minutes: number) => ({ clock: () => now + minutes * minuteMs });
    const kept = [
      createDeliveries().remember(delivery({ at: now }), now, "refused"),
      createDeliveries().remember(delivery({ id: "read", at: now }), now),
    ];
    expect(createDeliveries(kept, minutesOn(9)).isKnown(delivery({ at: now }))).toBe(true);
    expect(createDeliveries(kept, minutesOn(9)).isKnown(delivery({ at: now + 11 * minuteMs }))).toBe(false);
    const cured = createDeliveries(kept, minutesOn(10));
    expect(cured.isKnown(delivery({ at: now }))).toBe(false);
    expect(cured.isKnown(delivery({ id: "read", at: now }))).toBe(true);
    cured.remember(delivery({ at: now }), now + 10 * minuteMs);
    expect(cured.isKnown(delivery({ at: now }))).toBe(true);
  });

  it("that were refused are none once what they were refused for has changed; those that were read are", () => {
    let curedAt: number | undefined = undefined as number | undefined;
    const deliveries = createDeliveries([], { clock: () => now, curedAt: () => curedAt });
    deliveries.remember(delivery({ id: "refused", at: now }), now, "refused");
    deliveries.remember(delivery({ id: "read", at: now }), now);
    expect(deliveries.isKnown(delivery({ id: "refused", at: now }))).toBe(true);
    curedAt = now;
    expect(deliveries.isKnown(delivery({ id: "refused", at: now }))).toBe(false);
    expect(deliveries.isKnown(delivery({ id: "read", at: now }))).toBe(true);
    deliveries.remember(delivery({ id: "refused", at: now }), now + 1, "refused");
    expect(deliveries.isKnown(delivery({ id: "refused", at: now }))).toBe(true);
  });

  it("are no more than the bound, the newest half of it always", () => {
    const deliveries = createDeliveries([], { most: 10_000 });
    for (let n = 0; n < 50_000; n++) deliveries.remember(delivery({ id: `${n}` }), now + n);
    expect(deliveries.size()).toBeLessThanOrEqual(10_000);
    for (let n = 45_000; n < 50_000; n++) expect(deliveries.isKnown(delivery({ id: `${n}` }))).toBe(true);
    expect(deliveries.isKnown(delivery({ id: "0" }))).toBe(false);
    const refused = createDeliveries([], { clock: () => now });
    for (let n = 0; n < 30_000; n++) refused.remember(delivery({ id: `${n}` }), now, "refused");
    expect(refused.size()).toBe(20_000);
  });
});
