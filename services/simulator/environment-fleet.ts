import { addressOf, eui64, type Fleet, type FleetPlan, macUrn, thingAt } from "./fleet.ts";
import { measured, round } from "./quantity.ts";
import { trafficRhythm } from "./rhythm.ts";
import type { SimulatedDevice } from "./simulated-device.ts";
import { inDirection } from "./town-plan.ts";
import { chirpstackWriter } from "./write-lorawan.ts";
import { senmlWriter } from "./write-senml.ts";

const minuteMs = 60_000;

/** Weather, rain and air: they explain what happens in the other domains. */
export const environmentFleet: Fleet = (plan) => [
  weatherStation(plan),
  ...rainGauges(plan),
  ...airStations(plan),
  ...rooms(plan),
];

function weatherStation({ weather }: FleetPlan): SimulatedDevice {
  const device = macUrn(0x07, 1);
  return {
    id: device,
    source: "umweltamt-senml",
    thing: thingAt({
      id: "weather-rathaus",
      name: "Wetterstation Rathausdach",
      domain: "environment",
      operator: "umweltamt",
      tags: ["weather"],
      ...inDirection(60, 120),
    }),
    intervalMs: minuteMs,
    measure: (at) => [
      measured("air_temperature", round(weather.temperature(at), 1), "Cel"),
      measured("relative_humidity", round(weather.humidity(at), 0), "%"),
      measured("air_pressure", round(weather.pressure(at), 1), "hPa"),
      measured("wind_speed", round(weather.wind(at), 1), "m/s"),
      measured("wind_direction", round(weather.windDirection(at), 0), "deg"),
      measured("solar_irradiance", round(weather.irradiance(at), 0), "W/m2"),
    ],
    write: senmlWriter(device, "senml/umweltamt/weather-rathaus"),
  };
}

function rainGauges({ weather, dice }: FleetPlan): SimulatedDevice[] {
  return ["Rathaus", "Kläranlage", "Galgenberg", "Hafen"].map((place, n) => {
    const device = macUrn(0x08, n);
    // A shower does not fall evenly over a town.
    const share = 0.85 + 0.3 * dice.roll("rain-share", n);
    return {
      id: device,
      source: "umweltamt-senml",
      thing: thingAt({
        id: `rain-gauge-${n + 1}`,
        name: `Regenschreiber ${place}`,
        domain: "environment",
        operator: "umweltamt",
        tags: ["weather", "rain"],
        ...inDirection(n * 90 + 30, n * 650),
      }),
      intervalMs: minuteMs,
      measure: (at) => [
        measured("rainfall_rate", round(share * weather.rainRate(at), 1), "mm/h"),
        // The tipping bucket counts tenths of a millimetre.
        { ...measured("rainfall_total", Math.floor(share * weather.rainTotal(at) * 10) / 10, "mm"), isRegister: true },
      ],
      write: senmlWriter(device, `senml/umweltamt/rain-gauge-${n + 1}`),
    };
  });
}

/** Beside the roads: more traffic, more of it; wind and rain take it away. */
function airStations({ weather, dice }: FleetPlan): SimulatedDevice[] {
  return ["Kasseler Straße", "Marktplatz", "Ringstraße"].map((place, n) => {
    const device = macUrn(0x09, n);
    return {
      id: device,
      source: "umweltamt-senml",
      thing: thingAt({
        id: `air-${n + 1}`,
        name: `Luftmessung ${place}`,
        domain: "environment",
        operator: "umweltamt",
        tags: ["air"],
        ...inDirection(215 - n * 100, 850 - n * 400),
      }),
      intervalMs: minuteMs,
      measure(at) {
        const load = (0.5 + 0.5 * trafficRhythm.at(at)) / (0.6 + weather.wind(at) / 5 + weather.rainRate(at) / 10);
        const wander = (key: string): number => 1 + 0.1 * dice.wander(`${device}-${key}`, at / minuteMs, 20);
        return [
          measured("no2", round(24 * load * wander("no2"), 1), "ug/m3"),
          measured("pm10", round(19 * load * wander("pm10"), 1), "ug/m3"),
          measured("pm2_5", round(11 * load * wander("pm2_5"), 1), "ug/m3"),
        ];
      },
      write: senmlWriter(device, `senml/umweltamt/air-${n + 1}`),
    };
  });
}

/** Air sensors over ChirpStack, on squares and in school yards. */
function rooms({ weather, dice, count }: FleetPlan): SimulatedDevice[] {
  return Array.from({ length: count(8) }, (_, n) => {
    const address = addressOf(dice, "climate", n);
    const eui = eui64(0x0701, n);
    return {
      id: `lorawan:${eui}`,
      source: "umweltamt-chirpstack",
      thing: thingAt({
        id: `climate-${n + 1}`,
        name: `Klimasensor ${address.street}`,
        domain: "environment",
        operator: "umweltamt",
        tags: ["climate"],
        ...address,
      }),
      intervalMs: 10 * minuteMs,
      measure: (at) => [
        { word: "battery", property: "battery_level", value: 91 - n, unit: "%" },
        {
          word: "temperature",
          property: "air_temperature",
          value: round(weather.temperature(at) + 1.2 * dice.roll(eui, 1), 1),
          unit: "Cel",
        },
        { word: "humidity", property: "relative_humidity", value: round(weather.humidity(at), 1), unit: "%" },
      ],
      write: chirpstackWriter({
        eui,
        name: `climate-${n + 1}`,
        application: "6f1a7c1e-32b8-4c9e-8f6e-0d8ad9f0c107",
        model: { brand: "Milesight", name: "EM300-TH" },
        port: 85,
        rssi: -84 - Math.floor(20 * dice.roll("climate-rssi", n)),
      }),
    };
  });
}
