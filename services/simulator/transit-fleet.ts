import { localClock } from "./berlin-time.ts";
import { type Fleet, type FleetPlan, macUrn, thingAt } from "./fleet.ts";
import { measured, round } from "./quantity.ts";
import { trafficRhythm } from "./rhythm.ts";
import type { SimulatedDevice } from "./simulated-device.ts";
import { along, arterials, inDirection, type Spot, toPoint } from "./town-plan.ts";
import { hfpWriter } from "./write-hfp.ts";
import { senmlWriter } from "./write-senml.ts";

const secondMs = 1000;
const minuteMs = 60 * secondMs;

/** Buses on lines through the middle of the town, and counters at stops. The buses' things come by adoption. */
export const transitFleet: Fleet = (plan) => [...buses(plan), ...stops(plan)];

/** Lines from one arterial road over the market square to another, and back. */
const lines = [
  { number: "1", from: 0, to: 3, headsign: "Göttinger Straße" },
  { number: "2", from: 1, to: 4, headsign: "Kasseler Straße" },
  { number: "3", from: 2, to: 5, headsign: "Hamelner Straße" },
  { number: "4", from: 0, to: 4, headsign: "Hafen" },
] as const;

const lineEnd = 2300;
const stopEvery = 420;
const stopMs = 22 * secondMs;
const cruiseSpeed = 8.4; // m/s
const layoverMs = 4 * minuteMs;

function routeOf(line: (typeof lines)[number]): Spot[] {
  const end = (index: number): Spot => inDirection(arterials[index]!.degrees, lineEnd);
  const half = (index: number): Spot => inDirection(arterials[index]!.degrees + 8, lineEnd / 2);
  return [end(line.from), half(line.from), { east: 0, north: 0 }, half(line.to), end(line.to)];
}

interface Place {
  /** Metres from the start of the line. */
  readonly metres: number;
  readonly speed: number;
  readonly isAtStop: boolean;
  readonly isOnWayBack: boolean;
  /** Metres since the bus left the last terminus. */
  readonly odometer: number;
}

/** Where a bus is that began a round of there and back `elapsedMs` ago. */
function placeAt(length: number, elapsedMs: number): Place {
  const legMs = (stopEvery / cruiseSpeed) * secondMs + stopMs;
  const legs = Math.ceil(length / stopEvery);
  const wayMs = legs * legMs + layoverMs;
  const inRound = elapsedMs % (2 * wayMs);
  const isOnWayBack = inRound >= wayMs;
  const inWay = inRound % wayMs;
  const leg = Math.min(legs, Math.floor(inWay / legMs));
  const driven = Math.min(stopEvery, Math.max(0, ((inWay - leg * legMs - stopMs) / secondMs) * cruiseSpeed));
  const odometer = Math.min(length, leg * stopEvery + driven);
  const isAtStop = driven === 0 || odometer >= length;
  return {
    metres: isOnWayBack ? length - odometer : odometer,
    speed: isAtStop ? 0 : cruiseSpeed,
    isAtStop,
    isOnWayBack,
    odometer,
  };
}

function isInService(at: number): boolean {
  const { hour } = localClock(at);
  return hour < 0.5 || hour >= 4.75;
}

function buses({ dice, weather, count }: FleetPlan): SimulatedDevice[] {
  return Array.from({ length: count(26) }, (_, n) => {
    const line = lines[n % lines.length]!;
    const route = routeOf(line);
    const length = route
      .slice(1)
      .reduce((sum, to, i) => sum + Math.hypot(to.east - route[i]!.east, to.north - route[i]!.north), 0);
    const number = 101 + n;
    const id = `hfp:0077/${String(number).padStart(5, "0")}`;
    return {
      id,
      source: "verkehrsbetrieb-buses",
      intervalMs: secondMs,
      measure(at) {
        if (!isInService(at)) return [];
        const crowd = trafficRhythm.at(at);
        const behind = Math.max(
          -40,
          70 * crowd + 80 * dice.wander(id, at / minuteMs, 40) + (weather.rainRate(at) > 2 ? 60 : 0),
        );
        const place = placeAt(length, at + n * 9 * minuteMs);
        const spot = along(route, place.metres / length);
        const [lon, lat] = toPoint(spot).coordinates;
        const heading = (Math.round(spot.heading) + (place.isOnWayBack ? 180 : 0)) % 360;
        const full = Math.min(
          100,
          Math.round(28 * crowd * (0.6 + 0.8 * dice.roll(`${id}-load`, Math.floor(at / (6 * minuteMs))))),
        );
        return [
          { word: "lat", property: "latitude", value: lat, unit: "deg" },
          { word: "long", property: "longitude", value: lon, unit: "deg" },
          { word: "spd", property: "speed", value: round(place.speed, 2), unit: "m/s" },
          { word: "hdg", property: "heading", value: heading, unit: "deg" },
          { word: "dl", property: "schedule_deviation", value: -Math.round(behind), unit: "s" },
          { word: "odo", property: "trip_odometer", value: Math.round(place.odometer), unit: "m" },
          { word: "drst", property: "door_open", value: place.isAtStop },
          { word: "occu", property: "vehicle_occupancy", value: full, unit: "%" },
        ];
      },
      write: hfpWriter({ owner: "0077", number, line: line.number, headsign: line.headsign }),
      sentinel: { word: "spd", code: -1 },
    };
  });
}

/** How many wait at the larger stops. */
function stops({ dice }: FleetPlan): SimulatedDevice[] {
  const places = ["Marktplatz", "Bahnhof", "Klinikum", "Schulzentrum"];
  return places.map((place, n) => {
    const device = macUrn(0x06, n);
    const id = `stop-${place.toLowerCase()}`;
    return {
      id: device,
      source: "verkehrsbetrieb-senml",
      thing: thingAt({
        id,
        name: `Haltestelle ${place}, Zähler`,
        domain: "transit",
        operator: "verkehrsbetrieb",
        tags: ["stop"],
        ...inDirection(n * 90 + 12, n === 0 ? 30 : 700),
      }),
      intervalMs: minuteMs,
      measure: (at) => [
        measured(
          "people_present",
          Math.round(7 * trafficRhythm.at(at) * (1 + 0.6 * dice.wander(device, at / minuteMs, 8))),
          "{person}",
        ),
      ],
      write: senmlWriter(device, `senml/verkehrsbetrieb/${id}`),
    };
  });
}
