import type { FormatExample } from "./example.ts";

const hourly = { device: "telraam:9000000001", time: { instant: 1_774_742_400_000 }, intervalMs: 3_600_000 };

function shares(name: string, step: number, values: readonly number[]) {
  return values.map((value, at) => ({
    ...hourly,
    name,
    value,
    property: "speed_class_share",
    unit: "%",
    channel: at === values.length - 1 ? `car-${at * step}plus` : `car-${at * step}-${(at + 1) * step}`,
  }));
}

export const examples: readonly FormatExample[] = [
  {
    name: "an hour's counts by class and side are at its end, and speeds by class",
    topic: "town/telraam",
    payload: {
      status_code: 200,
      message: "ok",
      report: [
        {
          instance_id: -1,
          segment_id: 9_000_000_001,
          date: "2026-03-28T23:00:00.000Z",
          interval: "hourly",
          uptime: 0.8,
          heavy: 2.5,
          car: 0,
          car_lft: 0,
          car_rgt: 0,
          bike: 7.5,
          bike_lft: 7.5,
          pedestrian: 1.25,
          night: 3,
          mode_bus_lft: 1,
          mode_bicycle_rgt: 2,
          timezone: "Europe/Berlin",
          v85: 43.5,
          car_speed_hist_0to70plus: [0, 10, 20, 30, 40, 0, 0, 0],
        },
      ],
    },
    gives: {
      readings: [
        { ...hourly, name: "uptime", value: 0.8, property: "observed_share", unit: "1" },
        { ...hourly, name: "car", value: 0, property: "vehicle_count", unit: "{vehicle}", channel: "car" },
        { ...hourly, name: "car_lft", value: 0, property: "vehicle_count", unit: "{vehicle}", channel: "car-left" },
        { ...hourly, name: "car_rgt", value: 0, property: "vehicle_count", unit: "{vehicle}", channel: "car-right" },
        { ...hourly, name: "heavy", value: 2.5, property: "vehicle_count", unit: "{vehicle}", channel: "heavy" },
        { ...hourly, name: "night", value: 3, property: "vehicle_count", unit: "{vehicle}", channel: "night" },
        { ...hourly, name: "bike", value: 7.5, property: "bicycle_count", unit: "{bicycle}" },
        { ...hourly, name: "bike_lft", value: 7.5, property: "bicycle_count", unit: "{bicycle}", channel: "left" },
        { ...hourly, name: "pedestrian", value: 1.25, property: "pedestrian_count", unit: "{person}" },
        {
          ...hourly,
          name: "mode_bus_lft",
          value: 1,
          property: "vehicle_count",
          unit: "{vehicle}",
          channel: "bus-left",
        },
        {
          ...hourly,
          name: "mode_bicycle_rgt",
          value: 2,
          property: "bicycle_count",
          unit: "{bicycle}",
          channel: "bicycle-right",
        },
        { ...hourly, name: "v85", value: 43.5, property: "vehicle_speed", unit: "km/h", channel: "v85" },
        ...shares("car_speed_hist_0to70plus", 10, [0, 10, 20, 30, 40, 0, 0, 0]),
      ],
    },
  },
  {
    name: "a record in the words of the first version; of an hour of which little was seen the counts are doubtful",
    topic: "town/telraam",
    payload: {
      segment_id: "9000000001",
      date: "2026-03-28 23:00:00Z",
      pct_up: 0.4,
      lorry: 5,
      car_speed_histogram: [1],
    },
    gives: {
      readings: [
        { ...hourly, name: "uptime", value: 0.4, property: "observed_share", unit: "1" },
        {
          ...hourly,
          checks: ["device"],
          name: "lorry",
          value: 5,
          property: "vehicle_count",
          unit: "{vehicle}",
          channel: "heavy",
        },
      ],
    },
  },
  {
    name: "a day on which summer time begins has 23 hours",
    topic: "town/telraam",
    payload: {
      report: [
        {
          segment_id: -1,
          instance_id: 42,
          date: "2026-03-28T23:00:00Z",
          interval: "daily",
          uptime: 1,
          timezone: "Europe/Berlin",
        },
      ],
    },
    gives: {
      readings: [
        {
          device: "telraam:instance/42",
          time: { instant: Date.UTC(2026, 2, 29, 22) },
          intervalMs: 23 * 3_600_000,
          name: "uptime",
          value: 1,
          property: "observed_share",
          unit: "1",
        },
      ],
    },
  },
  {
    name: "a report without a record measures nothing",
    topic: "town/telraam",
    payload: { status_code: 200, message: "ok", report: [] },
    gives: { skipped: true },
  },
  {
    name: "an interval that is none is refused, and the record with it",
    topic: "town/telraam",
    payload: { report: [{ segment_id: 1, date: "2026-03-28T23:00:00Z", interval: "fortnightly", uptime: 1, car: 1 }] },
    gives: { readings: [], refusals: [{ code: "malformed" }] },
  },
];
