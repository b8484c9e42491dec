import type { FormatExample } from "./example.ts";

const time = { local: "2026-03-29T01:29:55" };
const meter = { device: "tasmota:kita-meter", time };
const plug = { device: "tasmota:plug7", time };
const hall = { device: "tasmota:hall/plug7", time };
const weather = { device: "tasmota:site/roof", time };
const storm = { device: "tasmota:plug7", time };

export const examples: readonly FormatExample[] = [
  {
    name: "a smart meter: labels of the published descriptors, phases as channels, the meter's number is none of them",
    topic: "tele/kita-meter/SENSOR",
    payload: {
      Time: "2026-03-29T01:29:55",
      SML: {
        Meter_number: "0a01454d48000099",
        Total_in: 1204.8271,
        Total_out: 33.1,
        Power_curr: -120,
        Volt_p1: 230.4,
        Amperage_p2: 1.2,
        Total_in_T1: 1100.5,
        HZ: 50.01,
      },
    },
    gives: {
      readings: [
        { ...meter, name: "SML.Total_in", value: 1204.8271, property: "active_energy_import", unit: "kW.h" },
        { ...meter, name: "SML.Total_out", value: 33.1, property: "active_energy_export", unit: "kW.h" },
        { ...meter, name: "SML.Power_curr", value: -120, property: "active_power", unit: "W" },
        { ...meter, name: "SML.Volt_p1", value: 230.4, property: "voltage", channel: "L1", unit: "V" },
        { ...meter, name: "SML.Amperage_p2", value: 1.2, property: "current", channel: "L2", unit: "A" },
        {
          ...meter,
          name: "SML.Total_in_T1",
          value: 1100.5,
          property: "active_energy_import",
          channel: "T1",
          unit: "kW.h",
        },
        { ...meter, name: "SML.HZ", value: 50.01, property: "frequency", unit: "Hz" },
      ],
    },
  },
  {
    name: "OBIS codes as labels, a second meter under its name, a label that only its installer can explain",
    topic: "tele/kita-meter/SENSOR",
    payload: { Time: "2026-03-29T01:29:55", Heizung: { "1_8_0": 88.25, "36_7_0": 40, Zaehler: 5 } },
    gives: {
      readings: [
        {
          ...meter,
          name: "Heizung.1_8_0",
          value: 88.25,
          property: "active_energy_import",
          channel: "Heizung",
          unit: "kW.h",
        },
        { ...meter, name: "Heizung.36_7_0", value: 40, property: "active_power", channel: "Heizung-L1", unit: "W" },
        { ...meter, name: "Heizung.Zaehler", value: 5 },
      ],
    },
  },
  {
    name: "the answer to Status 10 of a plug with two outputs",
    topic: "stat/plug7/STATUS10",
    payload: {
      StatusSNS: {
        Time: "2026-03-29T01:29:55",
        ENERGY: { TotalStartTime: "2025-01-01T00:00:00", Total: 61.2, Today: 0.4, Power: [12, 0], Factor: [0.5, 0] },
      },
    },
    gives: {
      readings: [
        { ...plug, name: "ENERGY.Total", value: 61.2, property: "active_energy", unit: "kW.h" },
        { ...plug, name: "ENERGY.Today", value: 0.4, property: "energy_reading", channel: "Today", unit: "kW.h" },
        { ...plug, name: "ENERGY.Power.0", value: 12, property: "active_power", channel: "L1", unit: "W" },
        { ...plug, name: "ENERGY.Power.1", value: 0, property: "active_power", channel: "L2", unit: "W" },
        { ...plug, name: "ENERGY.Factor.0", value: 0.5, property: "power_factor", channel: "L1", unit: "1" },
        { ...plug, name: "ENERGY.Factor.1", value: 0, property: "power_factor", channel: "L2", unit: "1" },
      ],
    },
  },
  {
    name: "a topic without tele: the time and the last level tell it; numbers as text, as old firmware has them; a power factor is none",
    topic: "hall/plug7/SENSOR",
    payload: {
      Time: "2026-03-29T01:29:55",
      DHT: { Humidity: "48.5" },
      ANALOG: { Temperature2: 4.5, Range: 900 },
      ATC0a1b2c: { mac: "a4c138000001", Battery: 55, RSSI: -71 },
      SML: { Total_in: 5, Tariff: 2, PF: 97 },
      TempUnit: "C",
    },
    gives: {
      readings: [
        { ...hall, name: "DHT.Humidity", value: 48.5, property: "relative_humidity", channel: "DHT", unit: "%" },
        {
          ...hall,
          name: "ANALOG.Temperature2",
          value: 4.5,
          property: "temperature",
          channel: "ANALOG-Temperature2",
          unit: "Cel",
        },
        { ...hall, name: "ANALOG.Range", value: 900 },
        { ...hall, name: "ATC0a1b2c.Battery", value: 55, property: "battery_level", channel: "ATC0a1b2c", unit: "%" },
        { ...hall, name: "ATC0a1b2c.RSSI", value: -71, property: "rssi", channel: "ATC0a1b2c", unit: "dB[mW]" },
        { ...hall, name: "SML.Total_in", value: 5, property: "active_energy_import", unit: "kW.h" },
        { ...hall, name: "SML.PF", value: 97 },
      ],
    },
  },
  {
    name: "a time that no calendar has is refused",
    topic: "tele/plug7/SENSOR",
    payload: { Time: 1e308, AM2301: { Humidity: 70 } },
    gives: { refused: "invalid_time" },
  },
  {
    name: "a storm is 12 km away; what its energy is nobody says; a counter that sends seconds counts nothing",
    topic: "tele/plug7/SENSOR",
    payload: {
      Time: "2026-03-29T01:29:55",
      AS3935: { Event: 4, Distance: 12, Energy: 58_622 },
      COUNTER: { C1: 17, C2: 0.250_001 },
    },
    gives: {
      readings: [
        { ...storm, name: "AS3935.Event", value: 4 },
        { ...storm, name: "AS3935.Distance", value: 12, property: "distance", channel: "AS3935", unit: "km" },
        { ...storm, name: "AS3935.Energy", value: 58_622 },
        { ...storm, name: "COUNTER.C1", value: 17, property: "pulse_count", channel: "C1", unit: "{pulse}" },
        { ...storm, name: "COUNTER.C2", value: 0.250_001 },
      ],
    },
  },
  {
    name: "sensors in the units that the message names; two thermometers stay apart",
    topic: "site/tele/roof/SENSOR",
    payload: {
      Time: "2026-03-29T01:29:55",
      BME280: { Temperature: 41.9, Humidity: 80.1, Pressure: 29.9 },
      "DS18B20-1": { Id: "01131B123456", Temperature: 40.1 },
      TX23: { Speed: { Act: 14.8 }, Dir: { Card: "SW", Deg: 225 } },
      Switch1: "ON",
      TempUnit: "F",
      PressureUnit: "inHg",
      SpeedUnit: "km/h",
    },
    gives: {
      readings: [
        {
          ...weather,
          name: "BME280.Temperature",
          value: 41.9,
          property: "temperature",
          channel: "BME280",
          unit: "[degF]",
        },
        {
          ...weather,
          name: "BME280.Humidity",
          value: 80.1,
          property: "relative_humidity",
          channel: "BME280",
          unit: "%",
        },
        {
          ...weather,
          name: "BME280.Pressure",
          value: 29.9,
          property: "air_pressure",
          channel: "BME280",
          unit: "[in_i'Hg]",
        },
        {
          ...weather,
          name: "DS18B20-1.Temperature",
          value: 40.1,
          property: "temperature",
          channel: "DS18B20-1",
          unit: "[degF]",
        },
        { ...weather, name: "TX23.Speed.Act", value: 14.8, property: "wind_speed", channel: "TX23", unit: "km/h" },
        { ...weather, name: "TX23.Dir.Deg", value: 225, property: "wind_direction", channel: "TX23", unit: "deg" },
        { ...weather, name: "Switch1", value: true, property: "input_state", channel: "Switch1", unit: "1" },
      ],
    },
  },
  {
    name: "a temperature without its unit stays without: nobody guesses Celsius",
    topic: "tele/plug7/SENSOR",
    payload: { Time: "2026-03-29T01:29:55", AM2301: { Temperature: 70 } },
    gives: {
      readings: [{ ...plug, name: "AM2301.Temperature", value: 70, property: "temperature", channel: "AM2301" }],
    },
  },
  {
    name: "a broken time is refused",
    topic: "tele/plug7/SENSOR",
    payload: { Time: "2026-03-29T25:00:00", AM2301: { Humidity: 70 } },
    gives: { refused: "invalid_time" },
  },
  {
    name: "what is no JSON is refused",
    topic: "tele/plug7/SENSOR",
    payload: "rebooting",
    gives: { refused: "malformed" },
  },
  {
    name: "a last will measures nothing",
    topic: "tele/plug7/LWT",
    payload: "Offline",
    gives: { skipped: true, device: "tasmota:plug7" },
  },
];
