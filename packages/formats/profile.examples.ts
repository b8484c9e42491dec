import { type DeviceProfile, isProfile, parseProfile } from "./profile.ts";

const documentation = "https://example.org/brook";

/** Profiles of models that do not exist, for the examples of formats. */
export const exampleProfiles: readonly DeviceProfile[] = [
  {
    profile: "brook/well-probe",
    revision: 2,
    title: "Brook well probe",
    documentation,
    match: { names: ["well-probe"] },
    fields: {
      level: { property: "water_level", unit: "cm" },
      battery: { property: "battery_voltage", unit: "V" },
      probe: { property: "water_temperature", unit: "Cel", invalid: [327.67] },
    },
    ignore: { mode: "set-up of the device" },
    examples: [{ name: "a level", decoded: { level: 2 }, expect: [{ property: "water_level", value: 2, unit: "cm" }] }],
  },
  {
    profile: "brook/bin",
    revision: 1,
    title: "Brook bin",
    documentation,
    match: { names: ["brook bin"], fields: ["FILL_1", "MODE"] },
    fields: { "FILL_<n>": { property: "fill_level", channel: "<n>", unit: "%" } },
    ignore: { MODE: "set-up of the device" },
    examples: [
      {
        name: "a bin",
        decoded: { FILL_1: 2 },
        expect: [{ property: "fill_level", channel: "1", value: 2, unit: "%" }],
      },
    ],
  },
  {
    profile: "brook/weir-probe",
    revision: 1,
    title: "Brook weir probe",
    documentation,
    match: { names: ["weir-probe"] },
    fields: { level: { property: "water_level", unit: "cm" } },
    layout: {
      endian: "big",
      frames: [
        { ports: [9], skip: "configuration" },
        { ports: [2], fields: [{ name: "level", type: "u16", absent: [0xffff] }] },
      ],
    },
    examples: [
      { name: "a level", port: 2, frame: "0102", expect: [{ property: "water_level", value: 258, unit: "cm" }] },
    ],
  },
].flatMap((content) => {
  const profile = parseProfile(content, content.profile);
  return isProfile(profile) ? [profile] : [];
});
