import { domains } from "../domain.ts";
import type { ObservedProperty } from "../property.ts";
import { register, share } from "./bounds.ts";

/** Batteries, and the charging of vehicles. */
export const storage: readonly ObservedProperty[] = [
  {
    key: "charging_state",
    name: { en: "Charging point", de: "Ladepunkt" },
    unit: "1",
    kind: "state",
    domains: ["energy"],
    states: [
      "available",
      "preparing",
      "charging",
      "suspended_ev",
      "suspended_evse",
      "finishing",
      "reserved",
      "blocked",
      "unavailable",
      "faulted",
      "unknown",
    ],
    description: "The words of OCPP 1.6 and OCPI 2.2 in lower case.",
  },
  {
    key: "state_of_charge",
    name: { en: "State of charge", de: "Ladestand" },
    unit: "%",
    kind: "gauge",
    domains: ["energy", "transit"],
    range: share,
    description: "Of a vehicle or storage; of the device itself `battery_level`.",
  },
  {
    key: "charged_energy",
    name: { en: "Energy charged", de: "Geladene Energie" },
    unit: "kW.h",
    kind: "counter",
    domains: ["energy", "transit"],
    range: register,
  },
  {
    key: "discharged_energy",
    name: { en: "Energy discharged", de: "Entladene Energie" },
    unit: "kW.h",
    kind: "counter",
    domains: ["energy", "transit"],
    range: register,
  },
  {
    key: "charge",
    name: { en: "Charge", de: "Ladungsmenge" },
    unit: "A.h",
    kind: "counter",
    domains: [...domains],
    range: register,
  },
  {
    key: "remaining_capacity",
    name: { en: "Remaining capacity", de: "Restkapazität" },
    unit: "mA.h",
    kind: "gauge",
    domains: [...domains],
    range: { min: 0, max: 1000000, source: "storage batteries: up to 1000 Ah a cell" },
  },
  {
    key: "charge_cycles",
    name: { en: "Charge cycles", de: "Ladezyklen" },
    unit: "{count}",
    kind: "counter",
    domains: ["energy", "transit"],
    range: register,
  },
];
