/** What a sensor of a station measures. The unit is not in the message: it belongs to the sensor's number. */
export interface RoadSensor {
  readonly property: string;
  readonly unit: string;
  readonly channel?: string;
  /** Of a passing count in a fixed hour: a number of vehicles rather than vehicles per hour. */
  readonly countsIn?: "window";
}

function tms(first: number, second: number, sensor: RoadSensor): [string, RoadSensor][] {
  const channel = (direction: number): string =>
    sensor.channel === undefined ? `direction-${direction}` : `direction-${direction}-${sensor.channel}`;
  return [
    [String(first), { ...sensor, channel: channel(1) }],
    [String(second), { ...sensor, channel: channel(2) }],
  ];
}

/**
 * Computational sensors of traffic measurement stations, by number (https://www.digitraffic.fi/en/road-traffic/lam/): along the
 * road register's direction (1) and against it (2), of the last 5 minutes (`rolling`), a fixed window of 5 minutes or a fixed hour.
 */
export const tmsSensors: ReadonlyMap<string, RoadSensor> = new Map([
  ...tms(5122, 5125, { property: "vehicle_speed", unit: "km/h", channel: "rolling-5min" }),
  ...tms(5056, 5057, { property: "vehicle_speed", unit: "km/h", channel: "60min" }),
  ...tms(5158, 5161, { property: "relative_speed", unit: "%", channel: "rolling-5min" }),
  ...tms(5058, 5061, { property: "relative_speed", unit: "%", channel: "5min" }),
  ...tms(5116, 5119, { property: "vehicle_flow", unit: "{vehicle}/h", channel: "rolling-5min" }),
  ...tms(5016, 5019, { property: "vehicle_flow", unit: "{vehicle}/h", channel: "5min" }),
  ...tms(5054, 5055, { property: "vehicle_flow", unit: "{vehicle}/h", channel: "60min", countsIn: "window" }),
  ...tms(5164, 5168, { property: "capacity_use", unit: "%", channel: "rolling-5min" }),
  ...tms(5064, 5068, { property: "capacity_use", unit: "%", channel: "5min" }),
  ...tms(5067, 5071, { property: "capacity_use", unit: "%", channel: "60min" }),
]);

/**
 * Sensors of road weather stations, by number, whose unit is the same at every station
 * (https://tie.digitraffic.fi/api/weather/v1/sensors). Classes, warnings and signals in volts are left to the registry.
 */
export const weatherSensors: ReadonlyMap<string, RoadSensor> = new Map([
  ["1", { property: "air_temperature", unit: "Cel" }],
  ["3", { property: "road_surface_temperature", unit: "Cel", channel: "1" }],
  ["5", { property: "road_surface_temperature", unit: "Cel", channel: "2" }],
  ["7", { property: "soil_temperature", unit: "Cel", channel: "1" }],
  ["8", { property: "soil_temperature", unit: "Cel", channel: "2" }],
  ["9", { property: "dew_point", unit: "Cel" }],
  ["10", { property: "freezing_temperature", unit: "Cel", channel: "1" }],
  ["11", { property: "freezing_temperature", unit: "Cel", channel: "2" }],
  ["12", { property: "road_body_temperature", unit: "Cel", channel: "1" }],
  ["16", { property: "wind_speed", unit: "m/s" }],
  ["17", { property: "wind_gust", unit: "m/s" }],
  ["18", { property: "wind_direction", unit: "deg" }],
  ["19", { property: "air_pressure_sea_level", unit: "hPa" }],
  ["21", { property: "relative_humidity", unit: "%" }],
  ["23", { property: "rainfall_rate", unit: "mm/h" }],
  ["26", { property: "visibility", unit: "km" }],
  ["49", { property: "temperature_difference", unit: "K", channel: "dew-point-road" }],
  ["50", { property: "water_film", unit: "mm", channel: "1" }],
  ["51", { property: "water_film", unit: "mm", channel: "2" }],
  ["58", { property: "visibility", unit: "m", channel: "m" }],
  ["73", { property: "temperature_difference", unit: "K", channel: "dew-point-air" }],
]);
