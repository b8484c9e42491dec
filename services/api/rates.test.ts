import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Problem } from "./problem.ts";
import { addressKey, createRates, type Payer } from "./rates.ts";

const limits = {
  requests: { perMinute: 60 },
  publicRequests: { perMinute: 6 },
  cost: { perMinute: 1000 },
  publicCost: { perMinute: 100 },
};
const token: Payer = { kind: "token", key: "aaaaaaaaaa" };
const address: Payer = { kind: "address", key: "192.0.2.1" };

function create() {
  const clock = { ms: 0 };
  const rates = createRates(limits, () => clock.ms);
  const outcome = (task: () => void): string => {
    try {
      task();
      return "ok";
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return error.retryAfterSeconds === undefined ? error.kind : `${error.kind} ${error.retryAfterSeconds}`;
    }
  };
  return {
    clock,
    rates,
    ask: (payer: Payer) => outcome(() => rates.chargeRequest(payer)),
    spend: (payer: Payer, cost: number) => outcome(() => rates.chargeCost(payer, cost)),
  };
}

test("so many requests as the limit says, then the seconds to wait, after which there is one again", () => {
  const { clock, ask } = create();
  for (let n = 0; n < 60; n++) expect(ask(token)).toBe("ok");
  expect(ask(token)).toBe("too-many 1");
  clock.ms += 1000;
  expect([ask(token), ask(token)]).toEqual(["ok", "too-many 1"]);
  for (let n = 0; n < 6; n++) expect(ask(address)).toBe("ok");
  expect(ask(address)).toBe("too-many 10");
});

test("each token and each address has its own share, of requests and of cost", () => {
  const { ask, spend } = create();
  for (let n = 0; n < 6; n++) ask(address);
  expect(ask({ ...address, key: "192.0.2.2" })).toBe("ok");
  expect(ask({ kind: "token", key: address.key })).toBe("ok");
  expect(spend(address, 100)).toBe("ok");
});

test("what costs more than a minute's worth is never let through and takes nothing; the rest waits", () => {
  const { clock, spend } = create();
  expect(spend(address, 101)).toBe("too-much");
  expect(spend(address, 100)).toBe("ok");
  expect(spend(address, 50)).toBe("too-many 30");
  clock.ms += 30_000;
  expect(spend(address, 50)).toBe("ok");
  expect(spend(token, 1000)).toBe("ok");
});

test("however it is used, no more than the limit passes in any minute beyond the first share", () => {
  const step = fc.record({ waitMs: fc.nat(5000), cost: fc.integer({ min: 1, max: 120 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { clock, spend } = create();
      let passed = 0;
      for (const { waitMs, cost } of steps) {
        clock.ms += waitMs;
        if (spend(address, cost) === "ok") passed += cost;
        expect(passed).toBeLessThanOrEqual(100 + (clock.ms * 100) / 60_000 + 1e-6);
      }
    }),
  );
});

test("addresses without end do not take memory without end", () => {
  const { ask } = create();
  for (let n = 0; n < 7; n++) ask(address);
  for (let n = 0; n < 10_001; n++) ask({ kind: "address", key: `a${n}` });
  // Forgotten, so it has its share again.
  expect(ask(address)).toBe("ok");
});

describe("an address is counted", () => {
  test.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:0:1::7", "2001:db8:0:1::/64"],
    ["2001:0db8:0000:0001:ffff:0000:0000:0007", "2001:db8:0:1::/64"],
    ["2001:db8::1:0:0:0:7", "2001:db8:0:1::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ])("%s as %s", (given, key) => expect(addressKey(given)).toBe(key));
});
