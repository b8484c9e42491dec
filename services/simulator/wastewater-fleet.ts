import { addressOf, eui64, type Fleet, type FleetPlan, macUrn, thingAt } from "./fleet.ts";
import { measured, round } from "./quantity.ts";
import { waterRhythm } from "./rhythm.ts";
import type { SimulatedDevice } from "./simulated-device.ts";
import { along, river } from "./town-plan.ts";
import { weatherEpoch } from "./weather.ts";
import { chirpstackWriter } from "./write-lorawan.ts";
import { plainWriter } from "./write-plain.ts";
import { senmlWriter } from "./write-senml.ts";
import { shellyWriter } from "./write-shelly.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Sewers under the street, pumping stations, an overflow to the river, and the treatment plant. */
export const wastewaterFleet: Fleet = (plan) => [
  ...sewers(plan),
  ...overflows(plan),
  ...pumpingStations(plan),
  treatmentPlant(plan),
];

/** Rain that reaches the sewer: the last two hours, the older the less, in mm/h. */
function stormFlow({ weather }: FleetPlan, at: number): number {
  let sum = 0;
  for (let n = 0; n < 12; n++) sum += weather.rainRate(at - n * 10 * minuteMs) * Math.exp(-n / 4);
  return sum / 4;
}

/** Water in the sewer as a factor of the dry mean: drinking water of an hour before, and the rain. */
function sewerFactor(plan: FleetPlan, at: number): number {
  return waterRhythm.at(at - hourMs) + 1.4 * stormFlow(plan, at);
}

/** Ultrasonic level sensors, in centimetres above the bottom. */
function sewers(plan: FleetPlan): SimulatedDevice[] {
  return Array.from({ length: plan.count(36) }, (_, n) => {
    const address = addressOf(plan.dice, "sewer", n);
    const eui = eui64(0x0201, n);
    const dry = 8 + 14 * plan.dice.roll("sewer-dry", n);
    return {
      id: `lorawan:${eui}`,
      source: "entwaesserung-chirpstack",
      thing: thingAt({
        id: `sewer-${n + 1}`,
        name: `Kanalschacht ${address.street}`,
        domain: "wastewater",
        operator: "entwaesserung",
        tags: ["sewer"],
        ...address,
      }),
      intervalMs: 5 * minuteMs,
      measure(at) {
        const level = dry * Math.sqrt(sewerFactor(plan, at)) * (1 + 0.04 * plan.dice.wander(eui, at / minuteMs, 20));
        return [
          { word: "battery", property: "battery_level", value: batteryLevel(plan, eui, at), unit: "%" },
          { word: "depth", property: "water_level", value: round(Math.min(level, 250), 0), unit: "cm" },
        ];
      },
      write: chirpstackWriter({
        eui,
        name: `sewer-${n + 1}`,
        application: "6f1a7c1e-32b8-4c9e-8f6e-0d8ad9f0c101",
        model: { brand: "Milesight", name: "EM500-SWL" },
        port: 85,
        rssi: -96 - Math.floor(12 * plan.dice.roll("sewer-rssi", n)),
      }),
    };
  });
}

/** Falls by 6 % a year from where it began. */
function batteryLevel({ dice }: FleetPlan, key: string, at: number): number {
  const years = (at - weatherEpoch) / (365 * 24 * hourMs);
  return Math.max(3, Math.round(100 - 25 * dice.roll(`${key}-battery`, 0) - 6 * years));
}

/** Where the sewer spills into the river when the rain is too much for it. */
function overflows(plan: FleetPlan): SimulatedDevice[] {
  const places = [
    { key: "muehlgraben", name: "Regenüberlauf Mühlgraben", share: 0.6, capacity: 5 },
    { key: "auenweg", name: "Regenüberlauf Auenweg", share: 0.78, capacity: 7 },
  ];
  return places.flatMap(({ key, name, share, capacity }) => {
    const thing = `overflow-${key}`;
    return ["water_level", "overflow"].map((word) => ({
      id: `plain:${thing}`,
      source: "entwaesserung-scada",
      thing: thingAt({
        id: thing,
        name,
        domain: "wastewater",
        operator: "entwaesserung",
        tags: ["overflow"],
        ...along(river, share),
      }),
      registration: {
        fields: { water_level: { property: "water_level", unit: "m" }, overflow: { property: "overflow" } },
      },
      intervalMs: minuteMs,
      measure(at: number) {
        const factor = sewerFactor(plan, at);
        if (word === "overflow") return [measured("overflow", factor > capacity)];
        return [measured("water_level", round(0.25 * Math.sqrt(Math.min(factor, capacity * 1.2)), 3), "m")];
      },
      write: plainWriter(thing),
    }));
  });
}

/** Two pumps by turns, each switched and metered. */
function pumpingStations(plan: FleetPlan): SimulatedDevice[] {
  return Array.from({ length: plan.count(10) }, (_, n) => {
    const address = addressOf(plan.dice, "pump", n);
    const device = `shellypro2pm-0200050100${(n + 16).toString(16).padStart(2, "0")}`;
    const power = 2200 + 3800 * plan.dice.roll("pump-power", n);
    const meanShare = 0.22;
    const duty = (at: number): number => Math.min(0.95, meanShare * sewerFactor(plan, at));
    const energy = (at: number, pump: number): number =>
      (power * meanShare * (waterRhythm.hoursUntil(at) - waterRhythm.hoursUntil(weatherEpoch))) / 2 + pump * 1000;
    return {
      id: `shelly:${device}`,
      source: "entwaesserung-shelly",
      thing: thingAt({
        id: `pumping-station-${n + 1}`,
        name: `Pumpwerk ${address.district.name} ${n + 1}`,
        domain: "wastewater",
        operator: "entwaesserung",
        tags: ["pumping-station"],
        ...address,
      }),
      intervalMs: 30_000,
      measure(at) {
        return [0, 1].flatMap((pump) => {
          const turn = plan.dice.roll(`${device}-${pump}`, Math.floor(at / (4 * minuteMs)));
          const isOn = turn < duty(at) / 2;
          const watts = isOn ? power * (1 + 0.03 * plan.dice.wander(`${device}-w`, at / minuteMs, 2)) : 0;
          const switchWord = `switch:${pump}`;
          const channel = `switch-${pump}`;
          return [
            { word: `${switchWord}.output`, property: "switch_state", channel, value: isOn },
            { word: `${switchWord}.apower`, property: "active_power", channel, value: round(watts, 1), unit: "W" },
            { word: `${switchWord}.voltage`, property: "voltage", channel, value: mains(plan, device, at), unit: "V" },
            {
              word: `${switchWord}.aenergy.total`,
              property: "active_energy",
              channel,
              value: round(energy(at, pump), 3),
              unit: "W.h",
              isRegister: true as const,
            },
          ];
        });
      },
      write: shellyWriter(device),
    };
  });
}

function mains({ dice }: FleetPlan, key: string, at: number): number {
  return round(231 + 3 * dice.wander(`${key}-u`, at / minuteMs, 30), 1);
}

function treatmentPlant(plan: FleetPlan): SimulatedDevice {
  const device = macUrn(0x03, 1);
  return {
    id: device,
    source: "entwaesserung-senml",
    thing: thingAt({
      id: "treatment-plant-inflow",
      name: "Kläranlage Beispielstadt, Zulauf und Belebung",
      domain: "wastewater",
      operator: "entwaesserung",
      tags: ["treatment-plant"],
      ...along(river, 0.95),
    }),
    intervalMs: 30_000,
    measure(at) {
      const factor = sewerFactor(plan, at - hourMs / 2);
      const thinned = 1 / Math.max(1, factor);
      const wander = (key: string): number => plan.dice.wander(`${device}-${key}`, at / minuteMs, 40);
      return [
        measured("flow", round(310 * factor, 1), "m3/h"),
        measured("ph", round(7.4 + 0.15 * wander("ph"), 2), "[pH]"),
        measured("conductivity", round(1150 * (0.4 + 0.6 * thinned) + 20 * wander("ec"), 0), "uS/cm"),
        measured("dissolved_oxygen", round(2.1 + 0.5 * wander("do"), 2), "mg/L"),
        measured("ammonium", round(1.1 + 0.6 * factor * thinned + 0.3 * wander("nh4"), 2), "mg/L"),
      ];
    },
    write: senmlWriter(device, "senml/entwaesserung/treatment-plant"),
  };
}
