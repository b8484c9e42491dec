import type { FormatExample } from "./example.ts";

const tram = { device: "hfp:0040/00431", time: { instant: 1_774_743_300_500 } };
const bus = { device: "hfp:0022/01377", time: { instant: 1_774_743_360_000 } };

export const examples: readonly FormatExample[] = [
  {
    name: "a tram on its way tells position, movement, delay and doors",
    topic: "/hfp/v2/journey/ongoing/vp/tram/0040/00431/1009/1/Pasila (as.)/02:05/1020444/4/60;24/19/83/51",
    payload: {
      VP: {
        desi: "9",
        dir: "1",
        oper: 40,
        veh: 431,
        tst: "2026-03-29T00:15:00.500Z",
        tsi: 1_774_743_300,
        spd: 6.4,
        hdg: 12,
        lat: 60.185213,
        long: 24.931704,
        acc: -0.3,
        dl: -75,
        odo: 4120,
        drst: 0,
        oday: "2026-03-28",
        jrn: 88,
        line: 42,
        start: "02:05",
        loc: "GPS",
        stop: null,
        route: "1009",
        occu: 40,
      },
    },
    gives: {
      readings: [
        { ...tram, name: "lat", value: 60.185213, property: "latitude", unit: "deg" },
        { ...tram, name: "long", value: 24.931704, property: "longitude", unit: "deg" },
        { ...tram, name: "spd", value: 6.4, property: "speed", unit: "m/s" },
        { ...tram, name: "hdg", value: 12, property: "heading", unit: "deg" },
        { ...tram, name: "acc", value: -0.3, property: "acceleration", unit: "m/s2" },
        { ...tram, name: "dl", value: -75, property: "schedule_deviation", unit: "s" },
        { ...tram, name: "odo", value: 4120, property: "trip_odometer", unit: "m" },
        { ...tram, name: "drst", value: 0, property: "door_open", unit: "1" },
        { ...tram, name: "occu", value: 40, property: "vehicle_occupancy", unit: "%" },
      ],
    },
  },
  {
    name: "a vehicle between trips has a short topic, and what it does not know is no reading",
    topic: "/hfp/v2/deadrun/ongoing/doo/bus/0022/01377",
    payload: {
      DOO: { oper: null, veh: 1377, tst: "2026-03-29T00:16:00Z", spd: -1, lat: null, long: null, odo: null, drst: 1 },
    },
    gives: { readings: [{ ...bus, name: "drst", value: 1, property: "door_open", unit: "1" }] },
  },
  {
    name: "passengers are summed over the doors and told by door; a pram is none, and a negative load is a drifted counter",
    topic: "/hfp/v2/journey/ongoing/apc/bus/0022/01377",
    payload: {
      APC: {
        tst: "2026-03-29T00:16:00Z",
        vehiclecounts: {
          countquality: "regular",
          vehicleload: -2,
          doorcounts: [
            {
              door: "1",
              count: [
                { class: "adult", in: 3, out: 0 },
                { class: "child", in: 1, out: 0 },
              ],
            },
            {
              door: "2",
              count: [
                { class: "adult", in: 0, out: 5 },
                { class: "pram", in: 0, out: 1 },
              ],
            },
          ],
        },
      },
    },
    gives: {
      readings: [
        { ...bus, name: "doorcounts.in", value: 4, property: "passengers_in", unit: "{person}" },
        { ...bus, name: "doorcounts.out", value: 5, property: "passengers_out", unit: "{person}" },
        { ...bus, name: "doorcounts.in", value: 4, property: "passengers_in", channel: "door-1", unit: "{person}" },
        { ...bus, name: "doorcounts.out", value: 0, property: "passengers_out", channel: "door-1", unit: "{person}" },
        { ...bus, name: "doorcounts.in", value: 0, property: "passengers_in", channel: "door-2", unit: "{person}" },
        { ...bus, name: "doorcounts.out", value: 5, property: "passengers_out", channel: "door-2", unit: "{person}" },
      ],
    },
  },
  {
    name: "where one count is none, no sum is told",
    topic: "/hfp/v2/journey/ongoing/apc/bus/0022/01377",
    payload: {
      APC: {
        tst: "2026-03-29T00:16:00Z",
        vehiclecounts: { doorcounts: [{ door: "1", count: [{ class: "adult", in: 3, out: "2" }] }] },
      },
    },
    gives: { readings: [], refusals: [{ code: "invalid_value", reading: "doorcounts" }] },
  },
  {
    name: "a traffic light answers whether it grants priority",
    topic: "/hfp/v2/journey/ongoing/tla/bus/0022/01377/2550/1/Itäkeskus/02:05/1020444/3/60;24/19/83/51/401",
    payload: {
      TLA: {
        tst: "2026-03-29T00:16:00Z",
        lat: null,
        long: null,
        dl: 12,
        sid: 401,
        "tlp-requestid": 7,
        "tlp-decision": "NAK",
      },
    },
    gives: {
      readings: [
        { ...bus, name: "dl", value: 12, property: "schedule_deviation", unit: "s" },
        {
          ...bus,
          name: "tlp-decision",
          value: false,
          property: "signal_priority_granted",
          channel: "junction-401",
        },
      ],
    },
  },
  {
    name: "a driver who signs off measures nothing",
    topic: "/hfp/v2/deadrun/ongoing/dout/bus/0022/01377",
    payload: { DOUT: { oper: 22, veh: 1377, tst: "2026-03-29T00:16:00Z", lat: null, long: null, drst: null } },
    gives: { skipped: true, device: "hfp:0022/01377" },
  },
  {
    name: "a time that is none is refused, not replaced",
    topic: "/hfp/v2/journey/ongoing/vp/bus/0022/01377",
    payload: { VP: { tst: "2026-03-29 00:16", lat: 60.2, long: 24.9 } },
    gives: { refused: "invalid_time" },
  },
  {
    name: "a value of the wrong kind is refused beside the others",
    topic: "/hfp/v2/journey/ongoing/vp/bus/0022/01377",
    payload: { VP: { tst: "2026-03-29T00:16:00Z", lat: 60.2, long: 24.9, dl: "late" } },
    gives: {
      readings: [
        { ...bus, name: "lat", value: 60.2, property: "latitude", unit: "deg" },
        { ...bus, name: "long", value: 24.9, property: "longitude", unit: "deg" },
      ],
      refusals: [{ code: "invalid_value", reading: "dl" }],
    },
  },
];
