import type { FormatExample } from "./example.ts";

const device = "airrohr:1204050";

export const examples: readonly FormatExample[] = [
  {
    name: "what the firmware pushes: numbers as text, pressure in Pa, two sensors of temperature",
    topic: "sensor/1204050/json",
    payload: {
      esp8266id: "1204050",
      software_version: "NRZ-2024-135",
      sensordatavalues: [
        { value_type: "SDS_P1", value: "12.50" },
        { value_type: "SDS_P2", value: "4.05" },
        { value_type: "temperature", value: "9.30" },
        { value_type: "BME280_temperature", value: "9.12" },
        { value_type: "BME280_pressure", value: "101325.00" },
        { value_type: "BME280_humidity", value: "nan" },
        { value_type: "noise_LAeq", value: "52.1" },
        { value_type: "samples", value: "500374" },
        { value_type: "max_micro", value: "20049" },
        { value_type: "SCD30_co2_ppm", value: "612" },
        { value_type: "IPS_N03", value: "0.82" },
        { value_type: "signal", value: "-71 dBm" },
      ],
    },
    gives: {
      readings: [
        { device, name: "SDS_P1", value: 12.5, property: "pm10", channel: "SDS", unit: "ug/m3" },
        { device, name: "SDS_P2", value: 4.05, property: "pm2_5", channel: "SDS", unit: "ug/m3" },
        { device, name: "temperature", value: 9.3, property: "temperature", unit: "Cel" },
        { device, name: "BME280_temperature", value: 9.12, property: "temperature", channel: "BME280", unit: "Cel" },
        { device, name: "BME280_pressure", value: 101_325, property: "air_pressure", channel: "BME280", unit: "Pa" },
        { device, name: "noise_LAeq", value: 52.1, property: "sound_level", channel: "LAeq", unit: "dB" },
        { device, name: "SCD30_co2_ppm", value: 612, property: "co2", channel: "SCD30", unit: "[ppm]" },
        { device, name: "IPS_N03", value: 0.82, property: "particle_count", channel: "IPS-N03", unit: "/cm3" },
        { device, name: "signal", value: -71, property: "rssi", unit: "dB[mW]" },
      ],
    },
  },
  {
    name: "what the API gives: in UTC, one sensor an entry; half a number is refused",
    topic: "air/api",
    payload: [
      {
        id: 7,
        timestamp: "2026-03-29 00:10:00",
        sensor: { id: 4711, sensor_type: { name: "SDS011" } },
        sensordatavalues: [
          { value_type: "P1", value: "12.5" },
          { value_type: "P2", value: "4,05" },
        ],
      },
    ],
    gives: {
      readings: [
        {
          device: "airrohr:sensor-4711",
          name: "P1",
          value: 12.5,
          property: "pm10",
          unit: "ug/m3",
          time: { instant: 1_774_743_000_000 },
        },
      ],
      refusals: [{ code: "invalid_value", reading: "P2" }],
    },
  },
];
