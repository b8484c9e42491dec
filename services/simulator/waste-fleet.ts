import { addressOf, eui64, type Fleet, thingAt } from "./fleet.ts";
import { round } from "./quantity.ts";
import { thingsStackWriter } from "./write-lorawan.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Inner height, and where the emptied container's floor shows up. */
const heightMillimetres = 1450;
const fractions = [
  { key: "glass", name: "Glascontainer", emptiedEvery: 14 },
  { key: "paper", name: "Papiercontainer", emptiedEvery: 7 },
  { key: "residual", name: "Unterflurbehälter", emptiedEvery: 4 },
] as const;

/** Containers with an ultrasonic sensor in the lid: the distance to what is in them shrinks until they are emptied. */
export const wasteFleet: Fleet = ({ dice, weather, count }) =>
  Array.from({ length: count(130) }, (_, n) => {
    const fraction = fractions[n % fractions.length]!;
    const address = addressOf(dice, "container", n);
    const eui = eui64(0x0601, n);
    const roundMs = fraction.emptiedEvery * dayMs;
    const offset = dice.roll("container-offset", n) * roundMs;
    return {
      id: `lorawan:${eui}`,
      source: "abfallwirtschaft-lorawan",
      thing: thingAt({
        id: `container-${n + 1}`,
        name: `${fraction.name} ${address.street}`,
        domain: "waste",
        operator: "abfallwirtschaft",
        tags: [fraction.key],
        ...address,
      }),
      intervalMs: 30 * minuteMs,
      measure(at) {
        const tour = Math.floor((at + offset) / roundMs);
        const share = ((at + offset) % roundMs) / roundMs;
        const fill = share * (0.55 + 0.5 * dice.roll(eui, tour));
        const distance =
          heightMillimetres * (1 - Math.min(0.97, fill)) + 12 * dice.wander(`${eui}-d`, at / minuteMs, 60);
        return [
          { word: "battery", property: "battery_level", value: 96 - (n % 30), unit: "%" },
          { word: "temperature", property: "temperature", value: round(weather.temperature(at) + 2, 1), unit: "Cel" },
          { word: "distance", property: "distance", value: Math.max(20, Math.round(distance)), unit: "mm" },
          { word: "position", property: "tilt_alarm", value: "normal", means: false },
        ];
      },
      write: thingsStackWriter({
        eui,
        name: `container-${n + 1}`,
        application: "abfall",
        model: { brand: "milesight-iot", name: "em400-udl" },
        port: 85,
        rssi: -92 - Math.floor(18 * dice.roll("container-rssi", n)),
      }),
      sentinel: { word: "distance", code: 65_535 },
    };
  });
