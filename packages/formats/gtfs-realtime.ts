import { type Reading, type ReadingTime, type Refusal, refusal } from "@messnetz/model";
import { deviceIdOf } from "./device-word.ts";
import type { Decoded, Message, PayloadFormat } from "./format.ts";
import {
  type FeedEntity,
  type FeedMessage,
  readFeed,
  type TripUpdate,
  type VehiclePosition,
} from "./gtfs-realtime-feed.ts";
import { tripReadings, vehicleReadings } from "./gtfs-realtime-readings.ts";

/** Some thousand vehicles, or a thousand trips with all their stops, which are read in a tenth of a second. */
const maxFeedBytes = 512 * 1024;

/** Begin of every feed: the header (field 1) with the version (its field 1), `1.0` or `2.0`. */
const headerTag = 0x0a;

/**
 * GTFS Realtime as Protocol Buffers: one FeedMessage, with one vehicle (topics of Digitransit, which carry one a message) or a whole fleet.
 * Vehicle positions are readings of the vehicle, arrivals and departures of the trip with the stop as their channel, at the time for which
 * they are foretold or came. Alerts are text for passengers and measure nothing. Speed is metres per second, as specified.
 */
export const gtfsRealtime: PayloadFormat = {
  name: "gtfs-realtime",
  revision: 2,
  topics: ["#"],
  specification: "https://gtfs.org/documentation/realtime/reference/",
  recognises,
  decode,
};

function recognises({ payload, levels }: Message): boolean {
  if (feedLevel(levels) > 0) return true;
  // 0a LL 0a 03 31|32 2e 30
  return (
    payload[0] === headerTag &&
    payload[2] === headerTag &&
    payload[3] === 3 &&
    (payload[4] === 0x31 || payload[4] === 0x32) &&
    payload[5] === 0x2e
  );
}

/** Of `/gtfsrt/vp/<feed>/...`: the level after the kind of feed; 0 elsewhere. */
function feedLevel(levels: readonly string[]): number {
  const first = levels[0] === "" ? 1 : 0;
  return levels[first] === "gtfsrt" && levels.length > first + 2 ? first + 2 : 0;
}

function decode(message: Message): Decoded | Refusal {
  const { payload, levels } = message;
  if (payload.length > maxFeedBytes) {
    return refusal("too_large", `a feed of at most ${maxFeedBytes} bytes`, `${payload.length} bytes`);
  }
  const feed = payload.length === 0 ? undefined : readFeed(payload);
  if (feed === undefined) {
    return refusal(
      "malformed",
      "a FeedMessage of GTFS Realtime as Protocol Buffers, of at most 20,000 entities",
      `${payload.length} bytes`,
    );
  }
  const level = feedLevel(levels);
  return readEntities(feed, level === 0 ? "" : `${levels[level] ?? ""}/`);
}

function readEntities(feed: FeedMessage, prefix: string): Decoded | Refusal {
  const readings: Reading[] = [];
  const refusals: Refusal[] = [];
  for (const entity of feed.entities) {
    if (entity.isDeleted === true) continue;
    if (entity.vehicle !== undefined) readVehicle(entity, entity.vehicle);
    if (entity.tripUpdate !== undefined) readTrip(entity, entity.tripUpdate);
  }
  if (readings.length > 0 || refusals.length > 0) return { readings, refusals };
  return { skip: feed.entities.length === 0 ? "a feed without entities" : "no entity has a measurement" };

  function readVehicle(entity: FeedEntity, vehicle: VehiclePosition): void {
    const id = vehicle.vehicleId ?? entity.id ?? vehicle.tripId;
    if (id === undefined) return void refusals.push(nameless("vehicle"));
    const device = deviceIdOf("gtfsrt", `${prefix}${id}`);
    vehicleReadings(vehicle, { device, ...timeOf(vehicle.timestamp, feed.timestamp) }, readings);
  }

  function readTrip(entity: FeedEntity, update: TripUpdate): void {
    const id = update.tripId ?? entity.id;
    if (id === undefined) return void refusals.push(nameless("trip"));
    const device = deviceIdOf("gtfsrt", `${prefix}trip/${id}`);
    tripReadings(update, { device, ...timeOf(update.timestamp, feed.timestamp) }, readings);
  }
}

/** Its own time, else that of the feed; some write 0 for a time that they do not know. */
function timeOf(own: number | undefined, feed: number | undefined): { time?: ReadingTime } {
  const seconds = own === undefined || own === 0 ? feed : own;
  return seconds === undefined || seconds === 0 ? {} : { time: { instant: seconds * 1000 } };
}

function nameless(what: string): Refusal {
  return refusal("malformed", `a ${what} with an id, or an entity with one`, `a ${what} without`);
}
