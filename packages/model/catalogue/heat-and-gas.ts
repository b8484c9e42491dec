import type { ObservedProperty } from "../property.ts";
import { register } from "./bounds.ts";

/** Heat, cold and gas. */
export const heatAndGas: readonly ObservedProperty[] = [
  {
    key: "heat_energy",
    name: { en: "Heat", de: "Wärmemenge" },
    unit: "kW.h",
    kind: "counter",
    domains: ["energy"],
    range: register,
  },
  {
    key: "cooling_energy",
    name: { en: "Cold", de: "Kältemenge" },
    unit: "kW.h",
    kind: "counter",
    domains: ["energy"],
    range: register,
  },
  {
    key: "heat_power",
    name: { en: "Heat output", de: "Wärmeleistung" },
    unit: "W",
    kind: "gauge",
    domains: ["energy"],
    range: {
      min: -100000000,
      max: 100000000,
      source: "heat works of towns stay below 100 MW a meter; negative: cooling",
    },
  },
  {
    key: "flow_temperature",
    name: { en: "Flow temperature", de: "Vorlauftemperatur" },
    unit: "Cel",
    kind: "gauge",
    domains: ["energy"],
    range: { min: -20, max: 180, source: "cold brine below; hot water of district heating above" },
  },
  {
    key: "return_temperature",
    name: { en: "Return temperature", de: "Rücklauftemperatur" },
    unit: "Cel",
    kind: "gauge",
    domains: ["energy"],
    range: { min: -20, max: 180, source: "cold brine below; hot water of district heating above" },
  },
  {
    key: "heat_cost_units",
    name: { en: "Heat cost units", de: "Heizkostenverteiler-Einheiten" },
    unit: "{HCA}",
    kind: "counter",
    domains: ["energy"],
    range: register,
    description: "EN 834: a share, not an energy.",
  },
  {
    key: "heat_cost_reading",
    name: { en: "Heat cost units, reading", de: "Heizkostenverteiler-Wert" },
    unit: "{HCA}",
    kind: "gauge",
    domains: ["energy"],
    description: "Of a past date or a sub-unit.",
  },
  {
    key: "gas_volume",
    name: { en: "Gas meter", de: "Gaszählerstand" },
    unit: "m3",
    kind: "counter",
    domains: ["energy"],
    range: register,
    description: "At the conditions of the meter; the channel names another.",
  },
  {
    key: "calorific_value",
    name: { en: "Calorific value", de: "Brennwert" },
    unit: "kW.h/m3",
    kind: "gauge",
    domains: ["energy"],
    range: { min: 7, max: 14, source: "DVGW G 260: 8.4 to 13.1 kWh/m³, with a reserve" },
  },
];
