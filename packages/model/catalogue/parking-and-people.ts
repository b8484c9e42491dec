import type { ObservedProperty } from "../property.ts";
import { flag, register } from "./bounds.ts";

/** Parking, people and bicycles. */
export const parkingAndPeople: readonly ObservedProperty[] = [
  {
    key: "parking_occupied",
    name: { en: "Parking space taken", de: "Stellplatz belegt" },
    unit: "1",
    kind: "state",
    domains: ["traffic"],
    range: flag,
  },
  {
    key: "free_spaces",
    name: { en: "Free spaces", de: "Freie Stellplätze" },
    unit: "{space}",
    kind: "gauge",
    domains: ["traffic", "energy"],
    range: { min: 0, max: 50000, source: "the largest car parks: 20,000 spaces" },
  },
  {
    key: "occupied_spaces",
    name: { en: "Spaces taken", de: "Belegte Stellplätze" },
    unit: "{space}",
    kind: "gauge",
    domains: ["traffic", "energy"],
    range: { min: 0, max: 50000, source: "the largest car parks: 20,000 spaces" },
  },
  {
    key: "people_count",
    name: { en: "People passing", de: "Personen" },
    unit: "{person}",
    kind: "amount",
    domains: ["traffic", "transit"],
    range: { min: 0, max: 1000000, source: "a million people a day through one door" },
  },
  {
    key: "people_count_total",
    name: { en: "People passing, register", de: "Personen, Zählerstand" },
    unit: "{person}",
    kind: "counter",
    domains: ["traffic", "transit"],
    range: register,
  },
  {
    key: "people_present",
    name: { en: "People present", de: "Anwesende Personen" },
    unit: "{person}",
    kind: "gauge",
    domains: ["traffic", "transit"],
    range: { min: 0, max: 1000000, source: "physical bound: crowds in one place" },
  },
  {
    key: "pedestrian_count",
    name: { en: "Pedestrians", de: "Fußgänger" },
    unit: "{person}",
    kind: "amount",
    domains: ["traffic"],
    range: { min: 0, max: 1000000, source: "a million people a day" },
  },
  {
    key: "bicycle_count",
    name: { en: "Bicycles", de: "Fahrräder" },
    unit: "{bicycle}",
    kind: "amount",
    domains: ["traffic"],
    range: { min: 0, max: 100000, source: "the busiest bicycle streets count below 50,000 a day" },
  },
  {
    key: "bicycle_count_total",
    name: { en: "Bicycles, register", de: "Fahrräder, Zählerstand" },
    unit: "{bicycle}",
    kind: "counter",
    domains: ["traffic"],
    range: register,
  },
];
