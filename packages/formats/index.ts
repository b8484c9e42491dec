import { chirpstackV3 } from "./chirpstack-v3.ts";
import { chirpstackV4 } from "./chirpstack-v4.ts";
import { datex2 } from "./datex2.ts";
import { digitraffic } from "./digitraffic.ts";
import { dsmrP1 } from "./dsmr-p1.ts";
import { elementWmbus } from "./element-wmbus.ts";
import { fiwareJson } from "./fiware-json.ts";
import type { PayloadFormat } from "./format.ts";
import { goIotdevice } from "./go-iotdevice.ts";
import { gtfsRealtime } from "./gtfs-realtime.ts";
import { homie } from "./homie.ts";
import { hslHfp } from "./hsl-hfp.ts";
import { loriot } from "./loriot.ts";
import { ocpp } from "./ocpp.ts";
import { openwb } from "./openwb.ts";
import { plain } from "./plain.ts";
import { roataway } from "./roataway.ts";
import { senmlCbor } from "./senml-cbor.ts";
import { senml } from "./senml.ts";
import { sensorCommunity } from "./sensor-community.ts";
import { sensorThings } from "./sensorthings.ts";
import { shellyGen1 } from "./shelly-gen1.ts";
import { shellyGen2 } from "./shelly-gen2.ts";
import { sparkplug } from "./sparkplug.ts";
import { tasmota } from "./tasmota.ts";
import { telraam } from "./telraam.ts";
import { thingsStackV3 } from "./things-stack-v3.ts";
import { thingpark } from "./thingpark.ts";
import { ultralight } from "./ultralight.ts";
import { vdv454 } from "./vdv454.ts";
import { victron } from "./victron.ts";
import { walttiApc } from "./waltti-apc.ts";
import { wmbusmeters } from "./wmbusmeters.ts";
import { zigbee2mqtt } from "./zigbee2mqtt.ts";

export * from "./bare-uplink.ts";
export * from "./document-problem.ts";
export * from "./example.ts";
export * from "./format.ts";
export * from "./frame-decoder.ts";
export type { BytesSeen, ByteSpan } from "./layout/watch-bytes.ts";
export { createMessage, maxJsonDepth, maxTextBytes } from "./message.ts";
export * from "./profile.ts";
export * from "./profile-examples.ts";
export * from "./profile-set.ts";
export * from "./schema-problems.ts";

/**
 * All formats, in the order in which they are asked: who is sure by topic comes before who looks at the content. To add one: its file, its
 * `<format>.examples.ts`, and a line here.
 */
export const formats: readonly PayloadFormat[] = [
  thingsStackV3,
  chirpstackV3,
  chirpstackV4,
  thingpark,
  loriot,
  hslHfp,
  walttiApc,
  digitraffic,
  roataway,
  shellyGen1,
  zigbee2mqtt,
  victron,
  openwb,
  homie,
  sparkplug,
  tasmota,
  gtfsRealtime,
  datex2,
  plain,
  sensorThings,
  ultralight,
  fiwareJson,
  senml,
  senmlCbor,
  shellyGen2,
  ocpp,
  sensorCommunity,
  goIotdevice,
  dsmrP1,
  vdv454,
  telraam,
  elementWmbus,
  wmbusmeters,
];
