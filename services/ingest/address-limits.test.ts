import { expect, it } from "vitest";
import { createAddressLimits } from "./address-limits.ts";

it("bounds connections in all and per address, and frees what leaves", () => {
  const limits = createAddressLimits(3, 2);
  expect([limits.enter("10.0.0.1"), limits.enter("10.0.0.1"), limits.enter("10.0.0.1")]).toEqual([true, true, false]);
  expect([limits.enter("10.0.0.2"), limits.enter("10.0.0.3")]).toEqual([true, false]);
  limits.leave("10.0.0.1");
  expect(limits.enter("10.0.0.1")).toBe(true);
  expect(limits.count()).toBe(3);
});

it("counts an IPv6 /64 as one address", () => {
  const limits = createAddressLimits(10, 1);
  expect(limits.enter("2001:db8:0:1::1")).toBe(true);
  expect(limits.enter("2001:db8:0:1:ffff::2")).toBe(false);
  expect(limits.enter("2001:db8:0:2::1")).toBe(true);
  expect(limits.enter("::ffff:10.0.0.1")).toBe(true);
  expect(limits.enter("::ffff:10.0.0.2")).toBe(true);
});
