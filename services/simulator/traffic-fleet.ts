import { addressOf, eui64, type Fleet, type FleetPlan, macUrn, thingAt } from "./fleet.ts";
import { measured, round } from "./quantity.ts";
import { shoppingRhythm, trafficRhythm } from "./rhythm.ts";
import type { SimulatedDevice } from "./simulated-device.ts";
import { arterials, inDirection, ringRadius } from "./town-plan.ts";
import { weatherEpoch } from "./weather.ts";
import { thingsStackWriter } from "./write-lorawan.ts";
import { plainWriter } from "./write-plain.ts";
import { senmlWriter } from "./write-senml.ts";

const minuteMs = 60_000;

/** Detectors on the arterial roads and the ring, car parks, single parking spaces. */
export const trafficFleet: Fleet = (plan) => [...detectors(plan), ...carParks(plan), ...parkingSpaces(plan)];

/** Two lanes each: the fuller the road, the slower. */
function detectors({ dice, weather, count }: FleetPlan): SimulatedDevice[] {
  return Array.from({ length: count(36) }, (_, n) => {
    const road = arterials[n % arterials.length]!;
    const ring = Math.floor(n / arterials.length);
    const device = macUrn(0x05, n);
    const perHour = (620 - 60 * ring) * (0.7 + 0.6 * dice.roll("road", n));
    const isOnRing = ring === 0;
    return {
      id: device,
      source: "tiefbauamt-senml",
      thing: thingAt({
        id: `detector-${n + 1}`,
        name: isOnRing ? `Zählstelle Ring, ${road.name}` : `Zählstelle ${road.name} ${ring}`,
        domain: "traffic",
        operator: "tiefbauamt",
        tags: ["detector"],
        ...inDirection(road.degrees, ringRadius + ring * 320),
      }),
      intervalMs: minuteMs,
      measure(at) {
        return ["1", "2"].flatMap((lane, l) => {
          const key = `${device}-${lane}`;
          const flow = Math.max(
            0,
            perHour * trafficRhythm.at(at) * (1 - 0.25 * l) * (1 + 0.25 * dice.wander(key, at / minuteMs, 4)),
          );
          const fullness = Math.min(1, flow / 1900);
          const wet = weather.rainRate(at) > 1 ? 4 : 0;
          const speed = Math.max(8, 52 - 26 * fullness ** 2 - wet + 3 * dice.wander(`${key}-v`, at / minuteMs, 3));
          const total =
            perHour * (1 - 0.25 * l) * (trafficRhythm.hoursUntil(at) - trafficRhythm.hoursUntil(weatherEpoch));
          return [
            {
              word: `vehicle_flow.${lane}`,
              property: "vehicle_flow",
              channel: lane,
              value: round(flow, 0),
              unit: "{vehicle}/h",
            },
            {
              word: `vehicle_speed.${lane}`,
              property: "vehicle_speed",
              channel: lane,
              value: round(speed, 1),
              unit: "km/h",
            },
            {
              word: `occupancy.${lane}`,
              property: "occupancy",
              channel: lane,
              value: round(3 + 28 * fullness, 1),
              unit: "%",
            },
            {
              word: `vehicle_count_total.${lane}`,
              property: "vehicle_count_total",
              channel: lane,
              value: Math.floor(total),
              unit: "{vehicle}",
              isRegister: true as const,
            },
          ];
        });
      },
      write: senmlWriter(device, `senml/tiefbauamt/detector-${n + 1}`),
    };
  });
}

function carParks({ dice }: FleetPlan): SimulatedDevice[] {
  const places = [
    { key: "markt", name: "Parkhaus Markt", spaces: 320, degrees: 70, metres: 220 },
    { key: "bahnhof", name: "Parkdeck Bahnhof", spaces: 260, degrees: 218, metres: 950 },
    { key: "klinikum", name: "Parkplatz Klinikum", spaces: 410, degrees: 20, metres: 1500 },
  ];
  return places.map(({ key, name, spaces, degrees, metres }) => {
    const thing = `car-park-${key}`;
    return {
      id: `plain:${thing}`,
      source: "tiefbauamt-plain",
      thing: thingAt({
        id: thing,
        name,
        domain: "traffic",
        operator: "tiefbauamt",
        tags: ["parking"],
        ...inDirection(degrees, metres),
      }),
      registration: { fields: { free_spaces: { property: "free_spaces", unit: "{space}" } } },
      intervalMs: minuteMs,
      measure(at) {
        const taken = Math.min(1, 0.42 * shoppingRhythm.at(at) * (1 + 0.1 * dice.wander(thing, at / minuteMs, 30)));
        return [measured("free_spaces", Math.round(spaces * (1 - taken)), "{space}")];
      },
      write: plainWriter(thing),
    };
  });
}

/** Magnetic sensors in the ground; nobody's profile explains them, so the registry does. */
function parkingSpaces({ dice, weather, count }: FleetPlan): SimulatedDevice[] {
  return Array.from({ length: count(80) }, (_, n) => {
    const address = addressOf(dice, "parking", n);
    const eui = eui64(0x0501, n);
    return {
      id: `lorawan:${eui}`,
      source: "tiefbauamt-lorawan",
      thing: thingAt({
        id: `parking-space-${n + 1}`,
        name: `Stellplatz ${address.street}`,
        domain: "traffic",
        operator: "tiefbauamt",
        tags: ["parking"],
        ...address,
      }),
      registration: {
        fields: {
          occupied: { property: "parking_occupied" },
          temperature: { property: "device_temperature", unit: "Cel" },
        },
      },
      intervalMs: 10 * minuteMs,
      measure(at) {
        const stay = Math.floor(at / (40 * minuteMs));
        const isTaken = dice.roll(eui, stay) < Math.min(0.95, 0.35 + 0.3 * shoppingRhythm.at(stay * 40 * minuteMs));
        return [
          { word: "occupied", property: "parking_occupied", value: isTaken },
          {
            word: "temperature",
            property: "device_temperature",
            value: round(weather.temperature(at) + 2, 1),
            unit: "Cel",
          },
        ];
      },
      write: thingsStackWriter({
        eui,
        name: `parking-${n + 1}`,
        application: "parken",
        model: { brand: "beispiel", name: "bodensensor" },
        port: 2,
        rssi: -88 - Math.floor(20 * dice.roll("parking-rssi", n)),
      }),
    };
  });
}
