import { chirpstackV4 } from "./chirpstack-v4.ts";
import type { PayloadFormat } from "./format.ts";
import { hslHfp } from "./hsl-hfp.ts";
import { plain } from "./plain.ts";
import { senml } from "./senml.ts";
import { shellyGen2 } from "./shelly-gen2.ts";
import { tasmota } from "./tasmota.ts";
import { thingsStackV3 } from "./things-stack-v3.ts";
import { wmbusmeters } from "./wmbusmeters.ts";

export * from "./example.ts";
export * from "./format.ts";
export * from "./frame-decoder.ts";
export { createMessage, maxJsonDepth, maxTextBytes } from "./message.ts";
export * from "./profile.ts";
export * from "./profile-set.ts";

/**
 * All formats, in the order in which they are asked: who is sure by topic comes before who looks at the content. To add one: its file, its
 * `<format>.examples.ts`, and a line here.
 */
export const formats: readonly PayloadFormat[] = [
  thingsStackV3,
  chirpstackV4,
  hslHfp,
  tasmota,
  plain,
  senml,
  shellyGen2,
  wmbusmeters,
];
