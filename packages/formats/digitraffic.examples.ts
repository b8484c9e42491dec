import { Buffer } from "node:buffer";
import { deflateSync, gzipSync } from "node:zlib";
import type { FormatExample } from "./example.ts";

const seconds = 1_774_743_000;
const time = { instant: seconds * 1000 };
const tms = { device: "digitraffic:tms/20001" };
const weather = { device: "digitraffic:weather/3001", time };
const ship = { device: "digitraffic:vessel/230000001", time };
const train = { device: "digitraffic:train/27" };
const announcement = Buffer.from(JSON.stringify({ type: "Feature", properties: { situationId: "X1" } }));

export const examples: readonly FormatExample[] = [
  {
    name: "a mean speed of the last five minutes is of the time at which it was sent",
    topic: "tms-v2/20001/5122",
    payload: { value: 83, time: seconds },
    gives: {
      readings: [
        {
          ...tms,
          time,
          name: "5122",
          value: 83,
          property: "vehicle_speed",
          unit: "km/h",
          channel: "direction-1-rolling-5min",
        },
      ],
    },
  },
  {
    name: "vehicles of a fixed hour are a number of vehicles, at the end of the hour",
    topic: "tms-v2/20001/5055",
    payload: { value: 0, time: seconds, start: seconds - 4200, end: seconds - 600 },
    gives: {
      readings: [
        {
          ...tms,
          time: { instant: (seconds - 600) * 1000 },
          name: "5055",
          value: 0,
          property: "vehicle_count",
          unit: "{vehicle}",
          channel: "direction-2-60min",
          intervalMs: 3_600_000,
        },
      ],
    },
  },
  {
    name: "vehicles of five minutes are told per hour, and are no number of vehicles",
    topic: "tms-v2/20001/5016",
    payload: { value: 480, time: seconds, start: seconds - 300, end: seconds },
    gives: {
      readings: [
        {
          ...tms,
          time,
          name: "5016",
          value: 480,
          property: "vehicle_flow",
          unit: "{vehicle}/h",
          channel: "direction-1-5min",
          intervalMs: 300_000,
        },
      ],
    },
  },
  {
    name: "what a sensor out of the list means is left to the registry",
    topic: "tms-v2/20001/9999",
    payload: { value: 7, time: seconds, start: seconds - 300, end: seconds },
    gives: { readings: [{ ...tms, time, name: "9999", value: 7, intervalMs: 300_000 }] },
  },
  {
    name: "a speed below zero says that nobody passed",
    topic: "tms-v2/20001/5057",
    payload: { value: -1, time: seconds },
    gives: { skipped: true, device: "digitraffic:tms/20001" },
  },
  {
    name: "air below zero is a temperature, and gzip is unpacked",
    topic: "weather-v2/3001/1",
    payload: gzipSync(JSON.stringify({ value: -12.4, time: seconds })),
    gives: { readings: [{ ...weather, name: "1", value: -12.4, property: "air_temperature", unit: "Cel" }] },
  },
  {
    name: "zlib in base64 is unpacked",
    topic: "weather-v2/3001/26",
    payload: deflateSync(JSON.stringify({ value: 20, time: seconds })).toString("base64"),
    gives: { readings: [{ ...weather, name: "26", value: 20, property: "visibility", unit: "km" }] },
  },
  {
    name: "a bomb is refused before it is unpacked",
    topic: "weather-v2/3001/26",
    payload: gzipSync(Buffer.alloc(4 * 1024 * 1024, 0x20)),
    gives: { refused: "too_large" },
  },
  {
    name: "a ship tells knots and degrees, and leaves out what AIS writes for not known",
    topic: "vessels-v2/230000001/location",
    payload: {
      time: seconds,
      sog: 9.5,
      cog: 360,
      navStat: 15,
      rot: -128,
      posAcc: true,
      raim: false,
      heading: 511,
      lon: 24.5,
      lat: 60.1,
    },
    gives: {
      readings: [
        { ...ship, name: "lat", value: 60.1, property: "latitude", unit: "deg" },
        { ...ship, name: "lon", value: 24.5, property: "longitude", unit: "deg" },
        { ...ship, name: "sog", value: 9.5, property: "speed", unit: "[kn_i]" },
      ],
    },
  },
  {
    name: "course, bow, rate of turn and state of a ship; a position of 91, 181 is none",
    topic: "vessels-v2/230000001/location",
    payload: { time: seconds, sog: 102.3, cog: 12.5, heading: 0, rot: -9.466, navStat: 5, lat: 91, lon: 181 },
    gives: {
      readings: [
        { ...ship, name: "cog", value: 12.5, property: "course_over_ground", unit: "deg" },
        { ...ship, name: "heading", value: 0, property: "heading", unit: "deg" },
        { ...ship, name: "rot", value: -4, property: "rate_of_turn", unit: "deg/min" },
        { ...ship, name: "navStat", value: "moored", property: "navigation_status" },
      ],
    },
  },
  {
    name: "a draught is in tenths of a metre and its time in milliseconds",
    topic: "vessels-v2/230000001/metadata",
    payload: { timestamp: seconds * 1000 + 5, draught: 54, eta: 1, name: "X", imo: 1, type: 70 },
    gives: {
      readings: [
        {
          device: "digitraffic:vessel/230000001",
          time: { instant: seconds * 1000 + 5 },
          name: "draught",
          value: 54,
          property: "draught",
          unit: "dm",
        },
      ],
    },
  },
  {
    name: "a draught of 0 is not known",
    topic: "vessels-v2/230000001/metadata",
    payload: { timestamp: seconds * 1000, draught: 0 },
    gives: { skipped: true, device: "digitraffic:vessel/230000001" },
  },
  {
    name: "a ship of the first version of the feed is GeoJSON with milliseconds",
    topic: "vessels/230000001/locations",
    payload: {
      type: "VESSEL_LOCATION",
      data: {
        geometry: { type: "Point", coordinates: [24.5, 60.1] },
        properties: { sog: 0, timestamp: 12, timestampExternal: seconds * 1000 },
      },
    },
    gives: {
      readings: [
        { ...ship, name: "lat", value: 60.1, property: "latitude", unit: "deg" },
        { ...ship, name: "lon", value: 24.5, property: "longitude", unit: "deg" },
        { ...ship, name: "sog", value: 0, property: "speed", unit: "[kn_i]" },
      ],
    },
  },
  {
    name: "a vehicle of road maintenance has no name but its domain's",
    topic: "maintenance-v2/routes/autori-oulu",
    payload: { time: seconds, source: "Oulu/Väylä", tasks: ["BRUSHING"], x: 25.5, y: 65.01 },
    gives: {
      readings: [
        {
          device: "digitraffic:maintenance/autori-oulu",
          time,
          name: "x",
          value: 25.5,
          property: "longitude",
          unit: "deg",
        },
        {
          device: "digitraffic:maintenance/autori-oulu",
          time,
          name: "y",
          value: 65.01,
          property: "latitude",
          unit: "deg",
        },
      ],
    },
  },
  {
    name: "a charging point has its own id, stars and all",
    topic: "status-v1/FI/ABC/FIABC1/FI*ABC*E1",
    payload: { status: "OUTOFORDER", time: "2026-03-29T00:10:00.000Z" },
    gives: {
      readings: [
        { device: "digitraffic:evse/FI*ABC*E1", time, name: "status", value: "outoforder", property: "charging_state" },
      ],
    },
  },
  {
    name: "a train has left a section of track",
    topic: "train-tracking/2026-03-29/77/RELEASE/ABC/012/010/014/ABC/ABC",
    payload: {
      trainNumber: "77",
      timestamp: "2026-03-29T00:29:00.000Z",
      station: "ABC",
      trackSection: "012",
      type: "RELEASE",
    },
    gives: {
      readings: [
        {
          device: "digitraffic:track/ABC/012",
          time: { instant: Date.parse("2026-03-29T00:29:00Z") },
          name: "type",
          value: false,
          property: "vehicle_present",
        },
      ],
    },
  },
  {
    name: "which wagons a train has is no measurement",
    topic: "compositions/2026-03-29/77/Long-distance/IC/ab/10",
    payload: { trainNumber: 77, journeySections: [] },
    gives: { skipped: true, device: "digitraffic:train/77" },
  },
  {
    name: "a train tells where it is, in km/h",
    topic: "train-locations/2026-03-29/27",
    payload: {
      trainNumber: 27,
      departureDate: "2026-03-29",
      timestamp: "2026-03-29T00:10:00.000Z",
      location: { type: "Point", coordinates: [24.9, 60.2] },
      speed: 140,
      accuracy: 8,
    },
    gives: {
      readings: [
        { ...train, time, name: "location.longitude", value: 24.9, property: "longitude", unit: "deg" },
        { ...train, time, name: "location.latitude", value: 60.2, property: "latitude", unit: "deg" },
        { ...train, time, name: "speed", value: 140, property: "speed", unit: "km/h" },
        { ...train, time, name: "accuracy", value: 8, property: "position_accuracy", unit: "m" },
      ],
    },
  },
  {
    name: "a train's stops tell how late it was or will be; what was cancelled or is only planned tells nothing",
    topic: "trains/2026-03-29/27/Commuter/HL/hsl/R/true/REGULAR",
    payload: {
      trainNumber: 27,
      departureDate: "2026-03-29",
      timeTableRows: [
        {
          stationShortCode: "HKI",
          type: "DEPARTURE",
          cancelled: false,
          scheduledTime: "2026-03-29T00:08:00.000Z",
          actualTime: "2026-03-29T00:10:00.000Z",
          differenceInMinutes: 2,
        },
        {
          stationShortCode: "PSL",
          type: "ARRIVAL",
          cancelled: false,
          scheduledTime: "2026-03-29T00:13:00.000Z",
          liveEstimateTime: "2026-03-29T00:12:30.000Z",
          differenceInMinutes: -1,
        },
        { stationShortCode: "ILA", type: "ARRIVAL", cancelled: false, scheduledTime: "2026-03-29T00:20:00.000Z" },
        {
          stationShortCode: "KÄP",
          type: "ARRIVAL",
          cancelled: true,
          scheduledTime: "2026-03-29T00:20:00.000Z",
          liveEstimateTime: "2026-03-29T00:20:00.000Z",
        },
      ],
    },
    gives: {
      readings: [
        {
          ...train,
          time,
          name: "departure_delay",
          value: 120,
          property: "departure_delay",
          unit: "s",
          channel: "HKI",
        },
        {
          ...train,
          time: { foretold: (seconds + 150) * 1000 },
          name: "arrival_delay",
          value: -30,
          property: "arrival_delay",
          unit: "s",
          channel: "PSL",
        },
      ],
    },
  },
  {
    name: "a traffic message is an event",
    topic: "traffic-message-v3/simple/ROAD_WORK",
    payload: gzipSync(announcement).toString("base64"),
    gives: { skipped: true },
  },
  {
    name: "a traffic message that cannot be unpacked is refused",
    topic: "traffic-message-v3/simple/ROAD_WORK",
    payload: gzipSync(announcement).toString("base64").slice(0, 40),
    gives: { refused: "malformed" },
  },
  {
    name: "when a feed was updated is no measurement",
    topic: "tms-v2/status",
    payload: { updated: seconds },
    gives: { skipped: true },
  },
];
