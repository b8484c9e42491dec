/** What a value of DATEX II measures: found by the element that holds it and the one around it. */
export interface Datex2Value {
  readonly property: string;
  readonly unit: string;
  readonly channel?: string;
}

/**
 * By `<element>/<leaf>`, the same in versions 2 and 3, whose schema fixes the unit of each leaf: `speed` is km/h (also of the wind),
 * `vehicleFlowRate` vehicles an hour whatever the period, `duration` seconds, temperatures degrees Celsius.
 */
export const datex2Values: ReadonlyMap<string, Datex2Value> = new Map(
  Object.entries({
    "vehicleFlow/vehicleFlowRate": { property: "vehicle_flow", unit: "{vehicle}/h" },
    "pcuFlow/pcuFlowRate": { property: "pcu_flow", unit: "{pcu}/h" },
    "axleFlow/axleFlowRate": { property: "axle_flow", unit: "{axle}/h" },
    "percentageLongVehicles/percentage": { property: "heavy_vehicle_share", unit: "%" },
    "averageVehicleSpeed/speed": { property: "vehicle_speed", unit: "km/h" },
    "occupancy/percentage": { property: "occupancy", unit: "%" },
    "concentration/concentrationOfVehicles": { property: "vehicle_density", unit: "{vehicle}/km" },
    "averageTimeHeadway/duration": { property: "headway", unit: "s" },
    "averageDistanceHeadway/distance": { property: "headway_distance", unit: "m" },
    "averageDistanceHeadway/floatingPointMetreDistance": { property: "headway_distance", unit: "m" },
    "travelTime/duration": { property: "travel_time", unit: "s" },
    "freeFlowTravelTime/duration": { property: "travel_time", unit: "s", channel: "free-flow" },
    "normallyExpectedTravelTime/duration": { property: "travel_time", unit: "s", channel: "normally-expected" },
    "freeFlowSpeed/speed": { property: "vehicle_speed", unit: "km/h", channel: "free-flow" },
    "airTemperature/temperature": { property: "air_temperature", unit: "Cel" },
    "dewPointTemperature/temperature": { property: "dew_point", unit: "Cel" },
    "maximumTemperature/temperature": { property: "air_temperature", unit: "Cel", channel: "maximum" },
    "minimumTemperature/temperature": { property: "air_temperature", unit: "Cel", channel: "minimum" },
    "roadSurfaceTemperature/temperature": { property: "road_surface_temperature", unit: "Cel" },
    "temperatureBelowRoadSurface/temperature": { property: "road_body_temperature", unit: "Cel" },
    "protectionTemperature/temperature": { property: "freezing_temperature", unit: "Cel" },
    "waterFilmThickness/floatingPointMetreDistance": { property: "water_film", unit: "m" },
    "depthOfSnow/floatingPointMetreDistance": { property: "snow_depth", unit: "m" },
    "relativeHumidity/percentage": { property: "relative_humidity", unit: "%" },
    "windSpeed/speed": { property: "wind_speed", unit: "km/h" },
    "maximumWindSpeed/speed": { property: "wind_gust", unit: "km/h" },
    "windDirectionBearing/directionBearing": { property: "wind_direction", unit: "deg" },
    "precipitationIntensity/millimetresPerHourIntensity": { property: "rainfall_rate", unit: "mm/h" },
    "minimumVisibilityDistance/integerMetreDistance": { property: "visibility", unit: "m" },
  }),
);

/** TrafficStatusEnum and TrafficStatusValueEnum. */
export const trafficStatusWords: ReadonlyMap<string, string> = new Map([
  ["freeFlow", "free_flow"],
  ["heavy", "heavy"],
  ["congested", "congested"],
  ["impossible", "impossible"],
  ["unknown", "unknown"],
]);
