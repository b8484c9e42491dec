import type { FormatExample } from "./example.ts";

const time = { instant: 1_774_744_190_000 };
const timestamp = "2026-03-29T00:29:50Z";
const water = { device: "wmbus:10203040", time };
const heat = { device: "wmbus:20304050", time, checks: ["device" as const] };
const power = { device: "wmbus:30405060", time };

export const examples: readonly FormatExample[] = [
  {
    name: "a water meter: the register has no channel, flow backwards is a property of its own, the due date's value is left out",
    topic: "wmbusmeters/Pumpwerk Sued",
    payload: {
      _: "telegram",
      media: "cold water",
      meter: "hydrus",
      name: "Pumpwerk Sued",
      id: "10203040",
      total_m3: 812.406,
      total_backward_m3: 0.004,
      flow_m3h: 1.25,
      max_flow_m3h: 2.4,
      flow_temperature_c: 11.5,
      target_m3: 790.1,
      target_date: "2026-03-01",
      battery_y: 7.5,
      meter_datetime: "2026-03-29 01:29",
      status: "OK",
      timestamp,
    },
    gives: {
      readings: [
        { ...water, name: "total_m3", value: 812.406, property: "water_volume", unit: "m3" },
        { ...water, name: "total_backward_m3", value: 0.004, property: "reverse_volume", unit: "m3" },
        { ...water, name: "flow_m3h", value: 1.25, property: "flow", unit: "m3/h" },
        { ...water, name: "max_flow_m3h", value: 2.4, property: "flow", channel: "max_flow", unit: "m3/h" },
        { ...water, name: "flow_temperature_c", value: 11.5, property: "water_temperature", unit: "Cel" },
        { ...water, name: "battery_y", value: 7.5, property: "battery_lifetime", unit: "a" },
        { ...water, name: "status", value: "OK", property: "device_status" },
      ],
    },
  },
  {
    name: "a heat meter that reports an error: all its readings are marked; a difference of temperatures is in kelvin",
    topic: "meters/heat",
    payload: {
      media: "heat",
      meter: "sharky",
      name: "Schule",
      id: "20304050",
      total_energy_consumption_kwh: 4210,
      total_volume_m3: 301.2,
      power_kw: 3.4,
      flow_temperature_c: 62.1,
      return_temperature_c: 48,
      temperature_difference_c: 14.1,
      prev_month_kwh: -2_147_483_648,
      operating_time_h: 8000,
      status: "AIR_IN_PIPE",
      timestamp,
    },
    gives: {
      readings: [
        { ...heat, name: "total_energy_consumption_kwh", value: 4210, property: "heat_energy", unit: "kW.h" },
        { ...heat, name: "total_volume_m3", value: 301.2, property: "volume", unit: "m3" },
        { ...heat, name: "power_kw", value: 3.4, property: "heat_power", unit: "kW" },
        { ...heat, name: "flow_temperature_c", value: 62.1, property: "flow_temperature", unit: "Cel" },
        { ...heat, name: "return_temperature_c", value: 48, property: "return_temperature", unit: "Cel" },
        { ...heat, name: "temperature_difference_c", value: 14.1, property: "temperature_difference", unit: "K" },
        { ...heat, name: "operating_time_h", value: 8000, property: "operating_time", unit: "h" },
        { device: heat.device, time, name: "status", value: "AIR_IN_PIPE", property: "device_status" },
      ],
    },
  },
  {
    name: "an electricity meter by direction, tariff and phase",
    topic: "wmbusmeters/e-meter",
    payload: {
      media: "electricity",
      meter: "amiplus",
      name: "e-meter",
      id: "30405060",
      total_energy_consumption_kwh: 5120.5,
      total_energy_consumption_tariff_1_kwh: 4000.5,
      total_energy_production_kwh: 12,
      current_power_consumption_phase2_kw: 0.4,
      voltage_at_phase_1_v: 231.5,
      current_in_neutral_a: 0.2,
      total_apparent_energy_production_kvah: null,
      rssi_dbm: -71,
      timestamp,
    },
    gives: {
      readings: [
        {
          ...power,
          name: "total_energy_consumption_kwh",
          value: 5120.5,
          property: "active_energy_import",
          unit: "kW.h",
        },
        {
          ...power,
          name: "total_energy_consumption_tariff_1_kwh",
          value: 4000.5,
          property: "active_energy_import",
          channel: "T1",
          unit: "kW.h",
        },
        { ...power, name: "total_energy_production_kwh", value: 12, property: "active_energy_export", unit: "kW.h" },
        {
          ...power,
          name: "current_power_consumption_phase2_kw",
          value: 0.4,
          property: "active_power",
          channel: "L2",
          unit: "kW",
        },
        { ...power, name: "voltage_at_phase_1_v", value: 231.5, property: "voltage", channel: "L1", unit: "V" },
        { ...power, name: "current_in_neutral_a", value: 0.2, property: "current", channel: "N", unit: "A" },
        { ...power, name: "rssi_dbm", value: -71, property: "rssi", unit: "dB[mW]" },
      ],
    },
  },
  {
    name: "an unknown unit is refused, the rest is read",
    topic: "wmbusmeters/x",
    payload: { media: "water", meter: "auto", name: "x", id: "10203040", total_m3: 1, strange_furlong: 3, timestamp },
    gives: {
      readings: [{ ...water, name: "total_m3", value: 1, property: "water_volume", unit: "m3" }],
      refusals: [{ code: "unknown_unit", reading: "strange_furlong" }],
    },
  },
  {
    name: "a telegram with past figures only measures nothing now",
    topic: "wmbusmeters/x",
    payload: { media: "water", meter: "auto", name: "x", id: "10203040", last_month_m3: 1, timestamp },
    gives: { skipped: true, device: "wmbus:10203040" },
  },
  {
    name: "a broken timestamp is refused",
    topic: "wmbusmeters/x",
    payload: { media: "water", meter: "auto", name: "x", id: "10203040", total_m3: 1, timestamp: "yesterday" },
    gives: { refused: "invalid_time" },
  },
];
