import { addressOf, type Fleet, type FleetPlan, macUrn, thingAt } from "./fleet.ts";
import { measured, round } from "./quantity.ts";
import { electricityRhythm, heatRhythm, prosumerRhythm, type Rhythm } from "./rhythm.ts";
import type { SimulatedDevice } from "./simulated-device.ts";
import { districts } from "./town-plan.ts";
import { weatherEpoch } from "./weather.ts";
import { tasmotaWriter, wmbusWriter } from "./write-meters.ts";
import { senmlWriter } from "./write-senml.ts";
import { shellyWriter } from "./write-shelly.ts";

const minuteMs = 60_000;
/** IEC 60038, and the usual drift of the European grid. */
const nominalVolts = 230;

/** Houses with photovoltaics, heat and gas meters, transformer stations, street lights. */
export const energyFleet: Fleet = (plan) => [
  ...prosumers(plan),
  ...heatMeters(plan),
  ...gasMeters(plan),
  ...transformers(plan),
  ...streetLights(plan),
];

function hoursSinceEpoch(rhythm: Rhythm, at: number): number {
  return rhythm.hoursUntil(at) - rhythm.hoursUntil(weatherEpoch);
}

/** Smart meters read over SML: what is fed in follows the sun, and so does the power, negative at noon. */
function prosumers(plan: FleetPlan): SimulatedDevice[] {
  const { dice, weather, count } = plan;
  return Array.from({ length: count(240) }, (_, n) => {
    const address = addressOf(dice, "prosumer", n);
    const name = `house-${n + 1}`;
    const meanWatts = 180 + 320 * dice.roll("prosumer-load", n);
    const peakWatts = 3000 + 9000 * dice.roll("prosumer-peak", n);
    const fedIn = 0.68;
    return {
      id: `tasmota:${name}`,
      source: "stadtwerke-tasmota",
      thing: thingAt({
        id: `prosumer-${n + 1}`,
        name: `Zweirichtungszähler ${address.street}`,
        domain: "energy",
        operator: "stadtwerke",
        tags: ["meter", "photovoltaics"],
        ...address,
      }),
      registration: { timeZone: "Europe/Berlin" },
      intervalMs: 10_000,
      measure(at) {
        const drawn = meanWatts * prosumerRhythm.at(at);
        const fed = (fedIn * peakWatts * weather.irradiance(at)) / 1000;
        const flicker = 1 + 0.1 * dice.wander(name, at / 10_000, 9);
        return [
          {
            word: "Total_in",
            property: "active_energy_import",
            value: round((meanWatts / 1000) * hoursSinceEpoch(prosumerRhythm, at) + 1200, 4),
            unit: "kW.h",
            isRegister: true,
          },
          {
            word: "Total_out",
            property: "active_energy_export",
            value: round((fedIn * peakWatts * weather.irradiation(at)) / 1000, 4),
            unit: "kW.h",
            isRegister: true,
          },
          { word: "Power_curr", property: "active_power", value: round((drawn - fed) * flicker, 0), unit: "W" },
        ];
      },
      write: tasmotaWriter(name),
    };
  });
}

function heatMeters({ dice, weather, count }: FleetPlan): SimulatedDevice[] {
  return Array.from({ length: count(120) }, (_, n) => {
    const address = addressOf(dice, "heat", n);
    const id = String(67_300_000 + n);
    const meanKilowatts = 6 + 30 * dice.roll("heat-load", n);
    return {
      id: `wmbus:${id}`,
      source: "stadtwerke-wmbus",
      thing: thingAt({
        id: `heat-meter-${id}`,
        name: `Wärmezähler ${address.street}`,
        domain: "energy",
        operator: "stadtwerke",
        tags: ["meter", "district-heating"],
        ...address,
      }),
      intervalMs: 15 * minuteMs,
      measure(at) {
        const factor = heatRhythm.at(at);
        const forward = 78 - 0.9 * Math.min(20, weather.temperature(at)) + 2 * dice.wander(id, at / minuteMs, 60);
        return [
          {
            word: "total_energy_consumption_kwh",
            property: "heat_energy",
            value: round(meanKilowatts * hoursSinceEpoch(heatRhythm, at), 0),
            unit: "kW.h",
            isRegister: true,
          },
          { word: "power_kw", property: "heat_power", value: round(meanKilowatts * factor, 1), unit: "kW" },
          { word: "flow_temperature_c", property: "flow_temperature", value: round(forward, 1), unit: "Cel" },
          {
            word: "return_temperature_c",
            property: "return_temperature",
            value: round(forward - 24 - 4 * factor, 1),
            unit: "Cel",
          },
        ];
      },
      write: wmbusWriter({ id, name: `heat-${id}`, media: "heat", driver: "sharky" }),
      sentinel: { word: "power_kw", code: -2_147_483_648 },
    };
  });
}

function gasMeters({ dice, count }: FleetPlan): SimulatedDevice[] {
  return Array.from({ length: count(180) }, (_, n) => {
    const address = addressOf(dice, "gas", n);
    const id = String(31_500_000 + n);
    const perHour = 0.05 + 0.2 * dice.roll("gas-use", n);
    const before = 9000 * dice.roll("gas-before", n);
    return {
      id: `wmbus:${id}`,
      source: "stadtwerke-wmbus",
      thing: thingAt({
        id: `gas-meter-${id}`,
        name: `Gaszähler ${address.street}`,
        domain: "energy",
        operator: "stadtwerke",
        tags: ["meter", "gas"],
        ...address,
      }),
      intervalMs: 15 * minuteMs,
      measure: (at) => [
        {
          word: "total_m3",
          property: "gas_volume",
          value: round(before + perHour * hoursSinceEpoch(heatRhythm, at), 2),
          unit: "m3",
          isRegister: true,
        },
      ],
      write: wmbusWriter({ id, name: `gas-${id}`, media: "gas", driver: "unismart" }),
    };
  });
}

function transformers({ dice, weather, count }: FleetPlan): SimulatedDevice[] {
  return Array.from({ length: count(18) }, (_, n) => {
    const district = districts[n % districts.length]!;
    const address = addressOf(dice, "transformer", n);
    const device = macUrn(0x04, n);
    const meanWatts = 90_000 + 160_000 * dice.roll("transformer-load", n);
    return {
      id: device,
      source: "stadtwerke-senml",
      thing: thingAt({
        id: `transformer-${n + 1}`,
        name: `Ortsnetzstation ${district.name} ${Math.floor(n / districts.length) + 1}`,
        domain: "energy",
        operator: "stadtwerke",
        tags: ["transformer"],
        ...address,
      }),
      intervalMs: 10_000,
      measure(at) {
        const watts = meanWatts * electricityRhythm.at(at) - 140 * weather.irradiance(at);
        const wander = (key: string, period: number): number => dice.wander(`${device}-${key}`, at / minuteMs, period);
        return [
          measured("active_power", round(watts * (1 + 0.02 * wander("p", 2)), 0), "W"),
          ...["L1", "L2", "L3"].map((phase) => ({
            word: `voltage.${phase}`,
            property: "voltage",
            channel: phase,
            value: round(nominalVolts + 2.5 - watts / 90_000 + 1.2 * wander(phase, 11), 1),
            unit: "V",
          })),
          measured("frequency", round(50 + 0.03 * dice.wander("grid", at / minuteMs, 5), 3), "Hz"),
        ];
      },
      write: senmlWriter(device, `senml/stadtwerke/transformer-${n + 1}`),
    };
  });
}

/** Cabinets switch on at dusk and off at dawn. */
function streetLights({ dice, weather, count }: FleetPlan): SimulatedDevice[] {
  const duskWatts = 4;
  return Array.from({ length: count(30) }, (_, n) => {
    const address = addressOf(dice, "light", n);
    const device = `shellypro1pm-0200050200${(n + 16).toString(16).padStart(2, "0")}`;
    const watts = 1400 + 2600 * dice.roll("light-power", n);
    return {
      id: `shelly:${device}`,
      source: "stadtwerke-shelly",
      thing: thingAt({
        id: `street-light-${n + 1}`,
        name: `Schaltschrank Beleuchtung ${address.street}`,
        domain: "energy",
        operator: "stadtwerke",
        tags: ["street-light"],
        ...address,
      }),
      intervalMs: minuteMs,
      measure(at) {
        const isOn = weather.irradiance(at) < duskWatts;
        const power = isOn ? watts * (1 + 0.01 * dice.wander(device, at / minuteMs, 9)) : 0;
        return [
          { word: "switch:0.output", property: "switch_state", channel: "switch-0", value: isOn },
          { word: "switch:0.apower", property: "active_power", channel: "switch-0", value: round(power, 1), unit: "W" },
        ];
      },
      write: shellyWriter(device),
    };
  });
}
