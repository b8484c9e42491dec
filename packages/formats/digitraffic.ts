import { type Refusal, refusal } from "@messnetz/model";
import { vesselMetadata, vesselReadings } from "./digitraffic-marine.ts";
import { trackSection, trainLocation, trainRun } from "./digitraffic-rail.ts";
import { chargingReading, maintenanceReadings, stationReading } from "./digitraffic-road.ts";
import { deviceIdOf } from "./device-word.ts";
import { type Decoded, malformed, type Message, type PayloadFormat } from "./format.ts";
import { inflated } from "./inflate.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";

type Read = (payload: JsonObject, device: string) => Decoded | Refusal;

/** Of the topic `<feed>/<id>/...`: how its messages are read, and how many levels name the device. */
interface Feed {
  readonly levels: number;
  /** What the second level looks like, where the first is a word that others use too. */
  readonly second?: RegExp;
  read(levels: readonly string[]): Read | undefined;
  readonly deviceOf: (levels: readonly string[]) => string;
}

function station(kind: "tms" | "weather"): Feed {
  return {
    levels: 3,
    deviceOf: (levels) => `${kind}/${levels[1]}`,
    read: (levels) => (payload, device) => stationReading(payload, { device, kind, sensor: levels[2] ?? "" }),
  };
}

const vessels: Feed = {
  levels: 3,
  deviceOf: (levels) => `vessel/${levels[1]}`,
  read([, , what]) {
    if (what === "metadata") return vesselMetadata;
    return what === "location" || what === "locations" ? vesselReadings : undefined;
  },
};

/** Trains have a number that means the same run each day. */
function train(read: Read): Feed {
  return { levels: 3, second: day, deviceOf: (levels) => `train/${levels[2]}`, read: () => read };
}

const day = /^\d{4}-\d\d-\d\d$/u;

/** Which wagons a train has. */
const compositions: Feed = {
  levels: 3,
  second: day,
  deviceOf: (levels) => `train/${levels[2]}`,
  read: () => undefined,
};

/** `train-tracking/<day>/<train>/<type>/<station>/<section>/...` */
const tracks: Feed = {
  levels: 6,
  second: day,
  deviceOf: (levels) => `track/${levels[4]}/${levels[5]}`,
  read: () => trackSection,
};

const feeds: ReadonlyMap<string, Feed> = new Map([
  ["tms-v2", station("tms")],
  ["weather-v2", station("weather")],
  ["vessels-v2", vessels],
  ["vessels", { ...vessels, second: /^(?:\d{9}|status)$/u }],
  ["maintenance-v2", { levels: 3, deviceOf: (levels) => `maintenance/${levels[2]}`, read: () => maintenanceReadings }],
  ["status-v1", { levels: 5, deviceOf: (levels) => `evse/${levels[4]}`, read: () => chargingReading }],
  ["train-locations", train(trainLocation)],
  ["trains", train(trainRun)],
  ["train-tracking", tracks],
  ["compositions", compositions],
]);

const announcements = /^traffic-message-v\d+$/u;

/**
 * Open data of Finland's roads, railways and waters (Fintraffic): sensors of traffic and road weather stations, vehicles of road
 * maintenance, ships (AIS), trains, charging points. What a message is, is said by its topic only; a sensor's unit by its number. Traffic
 * messages are events in words (gzip in base64): they are unpacked to see that they can be read, and measure nothing.
 */
export const digitraffic: PayloadFormat = {
  name: "digitraffic",
  revision: 2,
  topics: [...feeds.keys(), "traffic-message-v2", "traffic-message-v3"].map((feed) => `${feed}/#`),
  specification: "https://www.digitraffic.fi/en/road-traffic/#mqtt-websocket-apis",
  recognises: ({ levels }) => feedOf(levels) !== undefined,
  decode,
};

function feedOf([first = "", second]: readonly string[]): Feed | "announcements" | undefined {
  if (second === undefined) return undefined;
  if (announcements.test(first)) return "announcements";
  const feed = feeds.get(first);
  return feed?.second?.test(second) === false ? undefined : feed;
}

function decode(message: Message): Decoded | Refusal {
  const { levels } = message;
  const feed = feedOf(levels);
  if (feed === undefined)
    return refusal("malformed", "a topic of Digitraffic: tms-v2/<station>/<sensor>", message.topic);
  const plain = inflated(message);
  if ("code" in plain) return plain;
  if (feed === "announcements") return announcement(plain);
  if (levels.at(-1) === "status" && levels.length === 2) return { skip: "when the feed was last updated" };
  if (levels.length < feed.levels || levels.slice(0, feed.levels).includes("")) {
    return refusal("malformed", `a topic of ${feed.levels} levels that name feed and device`, message.topic);
  }
  const device = deviceIdOf("digitraffic", feed.deviceOf(levels));
  const payload = plain.json();
  if (!isJsonObject(payload)) return { ...malformed(plain, "a JSON object", payload), device };
  const read = feed.read(levels);
  return read === undefined ? { skip: "a topic without a measurement", device } : read(payload, device);
}

function announcement(plain: Message): Decoded | Refusal {
  const isXml = plain.levels[1] === "datex2";
  if (isXml ? plain.text() === undefined : !isJsonObject(plain.json())) {
    return malformed(plain, "a traffic message: GeoJSON, or DATEX II", plain.text());
  }
  return { skip: "a traffic message: an event, no measurement" };
}
