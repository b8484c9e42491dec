import { expect, it } from "vitest";
import { resolveLocalTime } from "./local-time.ts";

const berlin = "Europe/Berlin";
const winter = Date.parse("2026-11-23T12:00:00Z");

function iso(local: string, receivedAt = winter): string | undefined {
  const placed = resolveLocalTime(local, berlin, receivedAt);
  return placed === undefined ? undefined : new Date(placed.instant).toISOString();
}

it("places a wall clock in winter and in summer", () => {
  expect(iso("2026-01-15T12:00:00")).toBe("2026-01-15T11:00:00.000Z");
  expect(iso("2026-07-15 12:00:00.25")).toBe("2026-07-15T10:00:00.250Z");
  expect(iso("2026-07-15T12:00")).toBe("2026-07-15T10:00:00.000Z");
});

it("takes the later of the hour that happens twice, unless that is still to come", () => {
  expect(iso("2026-10-25T02:30:00")).toBe("2026-10-25T01:30:00.000Z");
  expect(iso("2026-10-25T02:30:00", Date.parse("2026-10-25T00:31:00Z"))).toBe("2026-10-25T00:30:00.000Z");
});

it("says where the time of receipt has told which of two it was", () => {
  expect(resolveLocalTime("2026-10-25T02:30:00", berlin, winter)?.isByReceipt).toBe(true);
  expect(resolveLocalTime("2026-10-25T03:30:00", berlin, winter)?.isByReceipt).toBe(false);
  expect(resolveLocalTime("2026-03-29T02:30:00", berlin, winter)?.isByReceipt).toBe(false);
});

it("moves the hour that never was forward", () => {
  expect(iso("2026-03-29T02:30:00")).toBe("2026-03-29T01:30:00.000Z");
});

it.each(["2019-01-10T22:16:04qq", "2026-02-30T10:00:00", "2026-01-01", "", "2026-01-01T25:00:00", "yesterday"])(
  "says that %j is no time",
  (text) => {
    expect(iso(text)).toBeUndefined();
  },
);
