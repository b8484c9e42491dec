import type { ObservedProperty } from "../property.ts";

/** The road under the wheels: temperature, water and grip. */
export const roadSurface: readonly ObservedProperty[] = [
  {
    key: "road_surface_temperature",
    name: { en: "Road surface temperature", de: "Fahrbahntemperatur" },
    unit: "Cel",
    kind: "gauge",
    domains: ["traffic", "environment"],
    range: { min: -50, max: 80, source: "asphalt in full sun: about 70 °C" },
  },
  {
    key: "road_body_temperature",
    name: { en: "Temperature within the road", de: "Temperatur im Straßenkörper" },
    unit: "Cel",
    kind: "gauge",
    domains: ["traffic", "environment"],
    range: { min: -50, max: 80, source: "asphalt in full sun: about 70 °C" },
  },
  {
    key: "freezing_temperature",
    name: { en: "Freezing point on the road", de: "Gefriertemperatur auf der Fahrbahn" },
    unit: "Cel",
    kind: "gauge",
    domains: ["traffic", "environment"],
    range: { min: -60, max: 5, source: "calcium chloride brine freezes at -51 °C, water at 0 °C" },
  },
  {
    key: "road_condition",
    name: { en: "Road condition", de: "Fahrbahnzustand" },
    unit: "1",
    kind: "state",
    domains: ["traffic", "environment"],
    states: ["dry", "moist", "wet", "slush", "snow", "ice", "frost", "unknown"],
  },
  {
    key: "water_film",
    name: { en: "Water film", de: "Wasserfilmdicke" },
    unit: "mm",
    kind: "gauge",
    domains: ["traffic", "environment"],
    range: { min: 0, max: 20, source: "deeper is standing water" },
  },
  {
    key: "road_friction",
    name: { en: "Friction of the road", de: "Griffigkeit" },
    unit: "1",
    kind: "gauge",
    domains: ["traffic", "environment"],
    range: { min: 0, max: 1.5, source: "physical bound: rubber on dry asphalt about 1" },
  },
];
