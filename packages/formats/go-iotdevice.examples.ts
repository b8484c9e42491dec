import type { FormatExample } from "./example.ts";

const device = "iotdevice:hut/48v-bmv";

export const examples: readonly FormatExample[] = [
  {
    name: "registers with their units; settings and the product are left out",
    topic: "hut/tele/48v-bmv/state",
    payload: {
      Time: "2026-03-29T01:10:00+01:00",
      NumericValues: {
        MainVoltage: { Cat: "Essential", Desc: "Main voltage", Val: 52.1, Unit: "V" },
        SOC: { Cat: "Essential", Desc: "State of charge", Val: 88.5, Unit: "%" },
        NumberOfCycles: { Cat: "Historic", Desc: "Number of cycles", Val: 12 },
        ProductId: { Cat: "Product", Desc: "Product id", Val: 4_272_130_304 },
        RelayLow: { Cat: "Settings", Desc: "Relay low", Val: 10, Unit: "V" },
      },
      TextValues: { ModelName: { Cat: "Product", Desc: "Model name", Val: "BMV-712" } },
    },
    gives: {
      readings: [
        { name: "MainVoltage", value: 52.1, property: "voltage", channel: "MainVoltage", unit: "V" },
        { name: "SOC", value: 88.5, property: "state_of_charge", unit: "%" },
        { name: "NumberOfCycles", value: 12, property: "charge_cycles", unit: "{count}" },
      ].map((reading) => ({ device, ...reading, time: { instant: 1_774_743_000_000 } })),
    },
  },
  {
    name: "older firmware says Value",
    topic: "tele/24v-solar",
    payload: { Time: "2026-03-29T00:10:00Z", NumericValues: { Power: { Value: 5, Unit: "W" } } },
    gives: {
      readings: [
        {
          device: "iotdevice:24v-solar",
          name: "Power",
          value: 5,
          property: "power",
          channel: "Power",
          unit: "W",
          time: { instant: 1_774_743_000_000 },
        },
      ],
    },
  },
  {
    name: "one register a message, its name is the last level",
    topic: "hut/real/48v-bmv/SOC",
    payload: { Cat: "Essential", Desc: "State of charge", NumVal: 0, Unit: "%", Sort: 4 },
    gives: { readings: [{ device, name: "SOC", value: 0, property: "state_of_charge", unit: "%" }] },
  },
  {
    name: "a text of one register is no measurement",
    topic: "hut/real/48v-bmv/ModelName",
    payload: { Cat: "Product", Desc: "Model name", TextVal: "BMV-712", Sort: 1 },
    gives: { skipped: true, device },
  },
  {
    name: "whether a device is there is no measurement",
    topic: "hut/avail/48v-bmv",
    payload: "offline",
    gives: { skipped: true, device },
  },
  {
    name: "a broken time is refused",
    topic: "hut/tele/48v-bmv/state",
    payload: { Time: "yesterday", NumericValues: { Power: { Cat: "Essential", Val: 5, Unit: "W" } } },
    gives: { refused: "invalid_time" },
  },
];
