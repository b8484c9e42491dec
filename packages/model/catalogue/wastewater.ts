import type { ObservedProperty } from "../property.ts";
import { register } from "./bounds.ts";

/** Sewers, basins and treatment; what it shares with drinking water stands in `water.ts`. */
export const wastewater: readonly ObservedProperty[] = [
  {
    key: "tss",
    name: { en: "Suspended solids", de: "Abfiltrierbare Stoffe" },
    unit: "mg/L",
    kind: "gauge",
    domains: ["water", "wastewater"],
    range: { min: 0, max: 50000, source: "activated sludge: up to 10 g/L, thickened 50 g/L" },
  },
  {
    key: "cod",
    name: { en: "Chemical oxygen demand", de: "Chemischer Sauerstoffbedarf" },
    unit: "mg/L",
    kind: "gauge",
    domains: ["wastewater"],
    range: { min: 0, max: 20000, source: "twenty times raw sewage" },
  },
  {
    key: "toc",
    name: { en: "Organic carbon", de: "Organischer Kohlenstoff" },
    unit: "mg/L",
    kind: "gauge",
    domains: ["water", "wastewater"],
    range: { min: 0, max: 10000, source: "twenty times raw sewage" },
    description: "Total (TOC).",
  },
  {
    key: "sludge_level",
    name: { en: "Sludge level", de: "Schlammspiegel" },
    unit: "m",
    kind: "gauge",
    domains: ["wastewater"],
    range: { min: 0, max: 20, source: "physical bound: depth of basins" },
  },
  {
    key: "h2s",
    name: { en: "Hydrogen sulphide", de: "Schwefelwasserstoff" },
    unit: "[ppm]",
    kind: "gauge",
    domains: ["wastewater", "waste"],
    range: { min: 0, max: 1000, source: "lethal at once from 1,000 ppm: common probes end there" },
  },
  {
    key: "overflow",
    name: { en: "Overflow", de: "Überlauf" },
    unit: "1",
    kind: "state",
    domains: ["wastewater", "water"],
  },
  {
    key: "level_high",
    name: { en: "Level high", de: "Füllstand hoch" },
    unit: "1",
    kind: "state",
    domains: ["wastewater", "water", "waste"],
  },
  {
    key: "level_low",
    name: { en: "Level low", de: "Füllstand niedrig" },
    unit: "1",
    kind: "state",
    domains: ["wastewater", "water", "waste"],
  },
  {
    key: "pump_state",
    name: { en: "Pump", de: "Pumpe" },
    unit: "1",
    kind: "state",
    domains: ["wastewater", "water"],
    states: ["off", "running", "fault", "unknown"],
  },
  {
    key: "pump_starts",
    name: { en: "Starts of the pump", de: "Pumpenstarts" },
    unit: "{count}",
    kind: "counter",
    domains: ["wastewater", "water"],
    range: register,
  },
];
