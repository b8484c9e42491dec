import { type Fleet, type FleetPlan, addressOf, macUrn, thingAt } from "./fleet.ts";
import { measured, round } from "./quantity.ts";
import { waterRhythm } from "./rhythm.ts";
import type { SimulatedDevice } from "./simulated-device.ts";
import { along, districts, inDirection, river } from "./town-plan.ts";
import { weatherEpoch } from "./weather.ts";
import { plainWriter } from "./write-plain.ts";
import { senmlWriter } from "./write-senml.ts";
import { wmbusWriter } from "./write-meters.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Drinking water of the utility, and the river. */
export const waterFleet: Fleet = (plan) => [
  ...riverGauges(plan),
  ...pressureZones(plan),
  ...reservoirs(plan),
  ...waterMeters(plan),
];

/** What fell on the catchment over two days, the older the less, in mm. */
function runoff({ weather }: FleetPlan, at: number): number {
  let sum = 0;
  for (let hours = 0; hours < 48; hours += 4) {
    const fallen = weather.rainTotal(at - hours * hourMs) - weather.rainTotal(at - (hours + 4) * hourMs);
    sum += fallen * Math.exp(-hours / 16);
  }
  return sum;
}

/** Radar gauges: a bare number in centimetres; only the registry knows the unit. */
function riverGauges(plan: FleetPlan): SimulatedDevice[] {
  const places = [
    { key: "obertor", name: "Pegel Obertor", share: 0.3 },
    { key: "marktbruecke", name: "Pegel Marktbrücke", share: 0.55 },
    { key: "aue", name: "Pegel Auenwehr", share: 0.8 },
  ];
  return places.flatMap(({ key, name, share }) => {
    const thing = `gauge-${key}`;
    const level = (at: number): number =>
      92 + 25 * share + 18 * plan.dice.wander("river", at / hourMs, 400) + 6 * runoff(plan, at - share * 3 * hourMs);
    return [
      {
        id: `plain:${thing}`,
        source: "umweltamt-plain",
        thing: thingAt({
          id: thing,
          name,
          domain: "water",
          operator: "umweltamt",
          tags: ["river"],
          ...along(river, share),
        }),
        registration: { fields: { water_level: { property: "water_level", unit: "cm" } } },
        intervalMs: minuteMs,
        measure: (at) => [measured("water_level", round(level(at), 1), "cm")],
        write: plainWriter(thing),
      },
    ];
  });
}

/** Feeds of the pressure zones: flow and pressure, which sinks when much is drawn; what flows at 3 in the morning is mostly leakage. */
function pressureZones(plan: FleetPlan): SimulatedDevice[] {
  return districts.map((district, n) => {
    const device = macUrn(0x01, n);
    const meanFlow = plan.dice.between(`zone-${district.key}`, 18, 46);
    const meter = (at: number): number =>
      meanFlow * waterRhythm.hoursUntil(at) - meanFlow * waterRhythm.hoursUntil(weatherEpoch);
    return {
      id: device,
      source: "stadtwerke-senml",
      thing: thingAt({
        ...district,
        id: `zone-${district.key}`,
        name: `Druckzone ${district.name}, Einspeisung`,
        domain: "water",
        operator: "stadtwerke",
        tags: ["pressure-zone"],
      }),
      intervalMs: 30_000,
      measure(at) {
        const factor = waterRhythm.at(at) * (1 + 0.06 * plan.dice.wander(device, at / minuteMs, 7));
        const pressure = 5.4 - 0.55 * factor + 0.05 * plan.dice.wander(`${device}-p`, at / minuteMs, 3);
        return [
          measured("water_flow", round(meanFlow * factor, 2), "m3/h"),
          measured("pressure", round(pressure * 100_000, 0), "Pa"),
          { ...measured("water_volume", round(meter(at), 1), "m3"), isRegister: true },
        ];
      },
      write: senmlWriter(device, `senml/stadtwerke/zone-${district.key}`),
    };
  });
}

/** Reservoirs fill at night and fall by day. */
function reservoirs(plan: FleetPlan): SimulatedDevice[] {
  return [
    { key: "galgenberg", name: "Hochbehälter Galgenberg", degrees: 40 },
    { key: "suedhang", name: "Hochbehälter Südhang", degrees: 150 },
  ].map(({ key, name, degrees }, n) => {
    const device = macUrn(0x02, n);
    return {
      id: device,
      source: "stadtwerke-senml",
      thing: thingAt({
        id: `reservoir-${key}`,
        name,
        domain: "water",
        operator: "stadtwerke",
        tags: ["reservoir"],
        ...inDirection(degrees, 2100),
      }),
      intervalMs: minuteMs,
      measure(at) {
        // Pumped in evenly, drawn by rhythm: what is in it is the difference, in hours of the mean.
        const stock = at / hourMs - waterRhythm.hoursUntil(at);
        const level = 4.1 + 0.18 * (stock % 24) + 0.02 * plan.dice.wander(device, at / minuteMs, 15);
        return [
          measured("water_level", round(level, 3), "m"),
          measured("water_temperature", round(9.5 + 1.5 * plan.dice.wander(`${device}-t`, at / hourMs, 900), 1), "Cel"),
          measured("chlorine", round(0.16 + 0.04 * plan.dice.wander(`${device}-c`, at / hourMs, 9), 2), "mg/L"),
        ];
      },
      write: senmlWriter(device, `senml/stadtwerke/reservoir-${key}`),
    };
  });
}

function waterMeters({ dice, count }: FleetPlan): SimulatedDevice[] {
  return Array.from({ length: count(900) }, (_, n) => {
    const id = String(82_400_000 + n);
    const address = addressOf(dice, "water-meter", n);
    const perHour = 0.006 + 0.02 * dice.roll("water-use", n);
    const before = 40 + 900 * dice.roll("water-before", n);
    const total = (at: number): number =>
      before + perHour * (waterRhythm.hoursUntil(at) - waterRhythm.hoursUntil(weatherEpoch));
    return {
      id: `wmbus:${id}`,
      source: "stadtwerke-wmbus",
      thing: thingAt({
        id: `water-meter-${id}`,
        name: `Wasserzähler ${address.street}`,
        domain: "water",
        operator: "stadtwerke",
        tags: ["meter"],
        ...address,
      }),
      intervalMs: 15 * minuteMs,
      measure: (at) => [
        { word: "total_m3", property: "water_volume", value: round(total(at), 3), unit: "m3", isRegister: true },
      ],
      write: wmbusWriter({ id, name: `water-${id}`, media: "cold water", driver: "hydrus" }),
      sentinel: { word: "total_m3", code: 4_294_967_295 },
    };
  });
}
