import type { FormatExample } from "./example.ts";

const portal = "c0619ab00001";

export const examples: readonly FormatExample[] = [
  {
    name: "the power of a phase of a grid meter",
    topic: `N/${portal}/grid/30/Ac/L2/Power`,
    payload: { value: -1204.5 },
    gives: {
      readings: [
        {
          device: `victron:${portal}/grid/30`,
          name: "Ac/L2/Power",
          value: -1204.5,
          property: "active_power",
          unit: "W",
          channel: "L2",
        },
      ],
    },
  },
  {
    name: "what a PV inverter has given, in kWh",
    topic: `N/${portal}/pvinverter/20/Ac/Energy/Forward`,
    payload: { value: 8812.04 },
    gives: {
      readings: [
        {
          device: `victron:${portal}/pvinverter/20`,
          name: "Ac/Energy/Forward",
          value: 8812.04,
          property: "active_energy",
          unit: "kW.h",
        },
      ],
    },
  },
  {
    name: "the battery of the system, with the bounds that some values have",
    topic: `N/${portal}/battery/512/Dc/0/Voltage`,
    payload: { max: null, min: null, value: 52.1 },
    gives: {
      readings: [
        {
          device: `victron:${portal}/battery/512`,
          name: "Dc/0/Voltage",
          value: 52.1,
          property: "voltage",
          unit: "V",
          channel: "Dc-0",
        },
      ],
    },
  },
  {
    name: "null is not zero",
    topic: `N/${portal}/grid/30/Ac/L3/Power`,
    payload: { value: null },
    gives: { skipped: true, device: `victron:${portal}/grid/30` },
  },
  {
    name: "nor is an empty list",
    topic: `N/${portal}/battery/512/Soc`,
    payload: { value: [] },
    gives: { skipped: true, device: `victron:${portal}/battery/512` },
  },
  {
    name: "settings measure nothing",
    topic: `N/${portal}/settings/0/Settings/CGwacs/MaxChargePower`,
    payload: { value: 2500 },
    gives: { skipped: true, device: `victron:${portal}/settings/0` },
  },
  {
    name: "a path without a documented unit is taken where the registry explains it",
    topic: `N/${portal}/heatpump/40/Flow`,
    payload: { value: 12 },
    devices: { [`victron:${portal}/heatpump/40`]: { fields: { Flow: { property: "flow", unit: "L/min" } } } },
    gives: { readings: [{ device: `victron:${portal}/heatpump/40`, name: "Flow", value: 12 }] },
  },
  {
    name: "text where a number belongs is refused",
    topic: `N/${portal}/grid/30/Ac/L2/Power`,
    payload: { value: "much" },
    gives: { refused: "invalid_value" },
  },
];
