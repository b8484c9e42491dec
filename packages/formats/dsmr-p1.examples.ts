import type { FormatExample } from "./example.ts";

const lines = [
  String.raw`/MNZ5\2TOWN-1`,
  "",
  "1-3:0.2.8(50)",
  "0-0:1.0.0(260329011000W)",
  "0-0:96.1.1(4D4E3030303137)",
  "1-0:1.8.1(001204.050*kWh)",
  "1-0:2.8.2(000000.000*kWh)",
  "0-0:96.14.0(0002)",
  "1-0:1.7.0(00.412*kW)",
  "1-0:32.7.0(229.5*V)",
  "1-0:52.32.0(00003)",
  "0-1:24.1.0(003)",
  "0-1:96.1.0(4D4E3030303138)",
  "0-1:24.2.1(260329010500W)(00812.045*m3)",
  "!2A2D",
  "",
];
const device = "dsmr:MN00017";

export const examples: readonly FormatExample[] = [
  {
    name: "a telegram with tariffs, a phase and a gas meter behind it, which has its own time; W is winter time",
    topic: "p1/house-17",
    payload: lines.join("\r\n"),
    gives: {
      readings: [
        { device, name: "1-0:1.8.1", value: 1204.05, property: "active_energy_import", channel: "T1", unit: "kW.h" },
        { device, name: "1-0:2.8.2", value: 0, property: "active_energy_export", channel: "T2", unit: "kW.h" },
        { device, name: "0-0:96.14.0", value: "0002", property: "word", channel: "tariff" },
        { device, name: "1-0:1.7.0", value: 0.412, property: "active_power", channel: "import", unit: "kW" },
        { device, name: "1-0:32.7.0", value: 229.5, property: "voltage", channel: "L1", unit: "V" },
        { device, name: "1-0:52.32.0", value: 3, property: "count", channel: "voltage_sags-L2", unit: "{count}" },
        {
          device: "dsmr:MN00018",
          name: "0-1:24.2.1",
          value: 812.045,
          property: "gas_volume",
          unit: "m3",
          time: { instant: 1_774_742_700_000 },
        },
      ].map((reading) => ({ time: { instant: 1_774_743_000_000 }, ...reading })),
    },
  },
  {
    name: "whoever passed it on took the carriage returns away: the checksum is of the wire",
    topic: "p1/house-17",
    payload: lines
      .filter((row) => !/^(?:0-|1-0:[25])/u.test(row))
      .join("\n")
      .replace("2A2D", "BEEF"),
    gives: { refused: "malformed" },
  },
  {
    name: "before version 4: no checksum, no zone, the gas meter's value on a line of its own",
    topic: "p1/house-18",
    payload: [
      "/ABC4TOWN",
      "",
      "0-0:96.1.1(4D4E3030303139)",
      "1-0:1.8.1(00185.000*kWh)",
      "0-1:24.1.0(03)",
      "0-1:24.3.0(260329010000)(00)(60)(1)(0-1:24.2.1)(m3)",
      "(00024.123)",
      "!",
    ].join("\r\n"),
    gives: {
      readings: [
        {
          device: "dsmr:MN00019",
          name: "1-0:1.8.1",
          value: 185,
          property: "active_energy_import",
          channel: "T1",
          unit: "kW.h",
        },
        {
          device: "dsmr:MN00019",
          name: "0-1:24.3.0",
          value: 24.123,
          property: "gas_volume",
          channel: "mbus-1",
          unit: "m3",
          time: { local: "2026-03-29T01:00:00" },
        },
      ],
    },
  },
  {
    name: "half a telegram is refused",
    topic: "p1/house-17",
    payload: lines.slice(0, 9).join("\r\n"),
    gives: { refused: "malformed" },
  },
];
