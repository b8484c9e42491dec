import type { ObservedProperty } from "../property.ts";

/** What is in the air: particles, gases, sound, radiation. */
export const air: readonly ObservedProperty[] = [
  {
    key: "pm1",
    name: { en: "Particles PM1", de: "Feinstaub PM1" },
    unit: "ug/m3",
    kind: "gauge",
    domains: ["environment"],
    range: { min: 0, max: 1000, source: "SPS30 data sheet" },
  },
  {
    key: "pm2_5",
    name: { en: "Particles PM2.5", de: "Feinstaub PM2,5" },
    unit: "ug/m3",
    kind: "gauge",
    domains: ["environment"],
    range: { min: 0, max: 1000, source: "SPS30 data sheet" },
  },
  {
    key: "pm10",
    name: { en: "Particles PM10", de: "Feinstaub PM10" },
    unit: "ug/m3",
    kind: "gauge",
    domains: ["environment"],
    range: { min: 0, max: 1000, source: "SPS30 data sheet" },
  },
  {
    key: "co2",
    name: { en: "Carbon dioxide", de: "Kohlendioxid" },
    unit: "[ppm]",
    kind: "gauge",
    domains: ["environment"],
    range: { min: 300, max: 40000, source: "below the air of 1900; SCD4x data sheet above" },
  },
  {
    key: "co",
    name: { en: "Carbon monoxide", de: "Kohlenmonoxid" },
    unit: "mg/m3",
    kind: "gauge",
    domains: ["environment"],
    range: { min: 0, max: 1000, source: "lethal within minutes: no ambient air" },
    description:
      "In mass per volume; a device that gives parts (ppb) is refused, since they need temperature and pressure.",
  },
  {
    key: "no",
    name: { en: "Nitrogen monoxide", de: "Stickstoffmonoxid" },
    unit: "ug/m3",
    kind: "gauge",
    domains: ["environment"],
    range: { min: 0, max: 5000, source: "ten times what streets have seen" },
    description:
      "In mass per volume; a device that gives parts (ppb) is refused, since they need temperature and pressure.",
  },
  {
    key: "no2",
    name: { en: "Nitrogen dioxide", de: "Stickstoffdioxid" },
    unit: "ug/m3",
    kind: "gauge",
    domains: ["environment"],
    range: {
      min: 0,
      max: 5000,
      source: "ten times what streets have seen; alert threshold of Directive 2008/50/EC: 400 µg/m³",
    },
    description:
      "In mass per volume; a device that gives parts (ppb) is refused, since they need temperature and pressure.",
  },
  {
    key: "nox",
    name: { en: "Nitrogen oxides", de: "Stickoxide" },
    unit: "ug/m3",
    kind: "gauge",
    domains: ["environment"],
    range: { min: 0, max: 5000, source: "ten times what streets have seen" },
    description:
      "As NO2. In mass per volume; a device that gives parts (ppb) is refused, since they need temperature and pressure.",
  },
  {
    key: "o3",
    name: { en: "Ozone", de: "Ozon" },
    unit: "ug/m3",
    kind: "gauge",
    domains: ["environment"],
    range: {
      min: 0,
      max: 5000,
      source: "ten times what streets have seen; alert threshold of Directive 2008/50/EC: 240 µg/m³",
    },
    description:
      "In mass per volume; a device that gives parts (ppb) is refused, since they need temperature and pressure.",
  },
  {
    key: "so2",
    name: { en: "Sulphur dioxide", de: "Schwefeldioxid" },
    unit: "ug/m3",
    kind: "gauge",
    domains: ["environment"],
    range: {
      min: 0,
      max: 5000,
      source: "ten times what streets have seen; alert threshold of Directive 2008/50/EC: 500 µg/m³",
    },
    description:
      "In mass per volume; a device that gives parts (ppb) is refused, since they need temperature and pressure.",
  },
  {
    key: "tvoc",
    name: { en: "Volatile organic compounds", de: "Flüchtige organische Verbindungen" },
    unit: "[ppb]",
    kind: "gauge",
    domains: ["environment", "waste"],
    range: { min: 0, max: 60000, source: "SGP30 data sheet" },
  },
  {
    key: "air_quality_index",
    name: { en: "Air quality index", de: "Luftqualitätsindex" },
    unit: "1",
    kind: "gauge",
    domains: ["environment"],
    range: { min: 0, max: 500, source: "US EPA AQI and the index of BME680: 0 to 500" },
    description: "The channel names the scale.",
  },
  {
    key: "sound_level",
    name: { en: "Sound level", de: "Schallpegel" },
    unit: "dB",
    kind: "gauge",
    domains: ["environment", "traffic"],
    range: { min: 0, max: 140, source: "physical bound: threshold of hearing and of pain" },
    description: "A-weighted unless the channel says otherwise.",
  },
  {
    key: "dose_rate",
    name: { en: "Ambient dose rate", de: "Ortsdosisleistung" },
    unit: "uSv/h",
    kind: "gauge",
    domains: ["environment"],
    range: {
      min: 0.01,
      max: 1000000,
      source: "natural background in Germany: 0.05 to 0.18 µSv/h, with a reserve below; emergency probes end at 1 Sv/h",
    },
  },
];
