import type { FormatExample } from "./example.ts";

function record(desc: string, [value, unit]: readonly [number | string, string], more: object = {}) {
  return {
    tariff: 0,
    sub_device: 0,
    memory_address: 0,
    function_field: "current_value",
    data: { value, unit, desc },
    ...more,
  };
}

function telegram(data: readonly object[], type = "Water") {
  return { version: 40, address: "60017003", manufacturer: "ZRI", device_type: type, message_content: [{ data }] };
}

const device = "wmbus:60017003";

export const examples: readonly FormatExample[] = [
  {
    name: "present registers with their units; past dates, errors and what has no unit are none",
    topic: "town/meters/packet",
    payload: telegram([
      record("message_number", [-7, ""]),
      record("volume", [41.25, "m³"]),
      record("volume", [38.5, "m³"], { memory_address: 1 }),
      record("volume", [0, "m³"], { function_field: "error_value" }),
      record("flow", [0, "m³/h"]),
      record("date", ["2026-01-01", ""]),
      record("battery_remaining", [3000, "days"]),
    ]),
    gives: {
      readings: [
        { device, name: "volume", value: 41.25, property: "water_volume", unit: "m3" },
        { device, name: "flow", value: 0, property: "flow", unit: "m3/h" },
        { device, name: "battery_remaining", value: 3000, property: "battery_lifetime", unit: "d" },
      ],
    },
  },
  {
    name: "a heat meter's energy by tariff, and a unit that nobody knows",
    topic: "town/meters/packet",
    payload: telegram(
      [
        record("energy", [5210, "kWh"]),
        record("energy", [10, "kWh"], { tariff: 1 }),
        record("return_temperature", [31.5, "°C"]),
        record("energy", [3, "furlong"]),
      ],
      "Heat",
    ),
    gives: {
      readings: [
        { device, name: "energy", value: 5210, property: "heat_energy", unit: "kW.h" },
        { device, name: "energy", value: 10, property: "heat_energy", unit: "kW.h", channel: "T1" },
        { device, name: "return_temperature", value: 31.5, property: "return_temperature", unit: "Cel" },
      ],
      refusals: [{ code: "unknown_unit" }],
    },
  },
  {
    name: "a telegram without a present value",
    topic: "town/meters/packet",
    payload: telegram([record("volume", [1, "m³"], { memory_address: 2 })]),
    gives: { skipped: true, device },
  },
];
