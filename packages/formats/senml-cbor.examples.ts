import type { FormatExample } from "./example.ts";

/** `[{-2: "urn:dev:mac:0024befffe804ff1:", -3: 1774743000, 0: "water_level", 1: "m", 2: 1.5}, {0: "door_open", 4: true, 6: -60}]` */
const pack = Buffer.from(
  `82 a5 21 781d ${Buffer.from("urn:dev:mac:0024befffe804ff1:").toString("hex")} 22 1a 69c86dd8 00 6b ${Buffer.from("water_level").toString("hex")} 01 61 6d 02 f9 3e00
   a3 00 69 ${Buffer.from("door_open").toString("hex")} 04 f5 06 38 3b`.replaceAll(/\s/gu, ""),
  "hex",
);
const device = "urn:dev:mac:0024befffe804ff1";

export const examples: readonly FormatExample[] = [
  {
    name: "two records with base fields, half a float and a relative time",
    topic: "town/gauges/mill-bridge",
    payload: new Uint8Array(pack),
    gives: {
      readings: [
        {
          device,
          name: "water_level",
          property: "water_level",
          value: 1.5,
          unit: "m",
          time: { instant: 1_774_743_000_000 },
        },
        { device, name: "door_open", property: "door_open", value: true, time: { instant: 1_774_742_940_000 } },
      ],
    },
  },
];
