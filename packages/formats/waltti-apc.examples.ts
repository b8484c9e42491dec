import type { FormatExample } from "./example.ts";

const bus = { device: "waltti:acme/sys-1", time: { instant: 1_774_743_300_500 }, unit: "{person}" };
const topic = "apc-from-vehicle/v1/fi/waltti/acme/sys-1";

export const examples: readonly FormatExample[] = [
  {
    name: "who got in and out since the last message, by door; a pram is nobody, and what the counter doubts is marked",
    topic,
    payload: {
      APC: {
        schemaVersion: "1-2-0",
        countingSystemId: "sys-1",
        messageId: "8a1f2f57-2a6c-4f8b-9a38-3f2c9d7a0001",
        tst: "2026-03-29T00:15:00.500Z",
        vehiclecounts: {
          countquality: "other",
          vehicleload: 12,
          doorcounts: [
            { door: "door1", count: [{ class: "adult", in: 2, out: 0 }] },
            {
              door: "door2",
              count: [
                { class: "wheelchair", in: 0, out: 1 },
                { class: "pram", in: 1, out: 0 },
              ],
            },
          ],
        },
      },
    },
    deliveryId: "8a1f2f57-2a6c-4f8b-9a38-3f2c9d7a0001",
    gives: {
      readings: [
        { ...bus, checks: ["device"], name: "vehicleload", value: 12, property: "passenger_load" },
        { ...bus, checks: ["device"], name: "doorcounts.in", value: 2, property: "passengers_in" },
        { ...bus, checks: ["device"], name: "doorcounts.out", value: 1, property: "passengers_out" },
        {
          ...bus,
          checks: ["device"],
          name: "doorcounts.in",
          value: 2,
          property: "passengers_in",
          channel: "door-door1",
        },
        {
          ...bus,
          checks: ["device"],
          name: "doorcounts.out",
          value: 0,
          property: "passengers_out",
          channel: "door-door1",
        },
        {
          ...bus,
          checks: ["device"],
          name: "doorcounts.in",
          value: 0,
          property: "passengers_in",
          channel: "door-door2",
        },
        {
          ...bus,
          checks: ["device"],
          name: "doorcounts.out",
          value: 1,
          property: "passengers_out",
          channel: "door-door2",
        },
      ],
    },
  },
  {
    name: "that a counting system is connected measures nothing",
    topic: `${topic}/connection-status`,
    payload: "connected at 2026-03-29T00:15:00.500Z",
    gives: { skipped: true, device: "waltti:acme/sys-1" },
  },
  {
    name: "without a time it is refused",
    topic,
    payload: { APC: { vehiclecounts: { vehicleload: 1 } } },
    gives: { refused: "invalid_time" },
  },
];
