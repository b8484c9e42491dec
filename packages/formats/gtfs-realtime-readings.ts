import type { Reading } from "@messnetz/model";
import { channelOf } from "./device-word.ts";
import type { StopTimeEvent, TripUpdate, VehiclePosition } from "./gtfs-realtime-feed.ts";

type Common = Pick<Reading, "device" | "time">;

/** OccupancyStatus, by number. */
const occupancyWords = [
  "empty",
  "many_seats_available",
  "few_seats_available",
  "standing_room_only",
  "crushed_standing_room_only",
  "full",
  "not_accepting_passengers",
  "no_data_available",
  "not_boardable",
] as const;

/** VehicleStopStatus, by number. */
const stopWords = ["incoming_at", "stopped_at", "in_transit_to"] as const;

/** CongestionLevel, by number. */
const congestionWords = [
  "unknown_congestion_level",
  "running_smoothly",
  "stop_and_go",
  "congestion",
  "severe_congestion",
] as const;

/** TripDescriptor.ScheduleRelationship. */
const canceledTrip = 3;
const deletedTrip = 7;
/** StopTimeUpdate.ScheduleRelationship. */
const skippedStop = 1;

/** WGS 84; a receiver without a fix says 0, 0, which is in the sea. */
function hasFix({ latitude, longitude }: VehiclePosition): boolean {
  if (latitude === undefined || longitude === undefined || (latitude === 0 && longitude === 0)) return false;
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
}

/** Adds the readings of one vehicle; what the feed does not know is not there. */
export function vehicleReadings(vehicle: VehiclePosition, common: Common, readings: Reading[]): void {
  const number = (value: number | undefined, what: Pick<Reading, "name" | "property" | "unit">): void => {
    if (value !== undefined && Number.isFinite(value)) readings.push({ ...common, ...what, value });
  };
  if (hasFix(vehicle)) {
    number(vehicle.latitude, { name: "position.latitude", property: "latitude", unit: "deg" });
    number(vehicle.longitude, { name: "position.longitude", property: "longitude", unit: "deg" });
  }
  number(vehicle.bearing, { name: "position.bearing", property: "heading", unit: "deg" });
  number(notNegative(vehicle.speed), { name: "position.speed", property: "speed", unit: "m/s" });
  number(notNegative(vehicle.odometer), { name: "position.odometer", property: "odometer", unit: "m" });
  number(vehicle.occupancyPercentage, { name: "occupancy_percentage", property: "vehicle_occupancy", unit: "%" });
  word(
    readings,
    { ...common, name: "occupancy_status", property: "occupancy_status" },
    occupancyWords[vehicle.occupancyStatus ?? -1],
  );
  word(readings, { ...common, name: "current_status", property: "stop_status" }, stopWords[vehicle.stopStatus ?? -1]);
  word(readings, { ...common, name: "stop_id", property: "stop_id" }, vehicle.stopId);
  word(
    readings,
    { ...common, name: "congestion_level", property: "trip_congestion" },
    congestionWords[vehicle.congestion ?? -1],
  );
  for (const [at, carriage] of vehicle.carriages.entries()) {
    const channel = channelOf(`carriage-${carriage.name ?? at + 1}`);
    const of = { ...common, channel };
    const percentage = notNegative(carriage.occupancyPercentage); // -1: not known
    if (percentage !== undefined) {
      readings.push({
        ...of,
        name: "carriage.occupancy_percentage",
        property: "vehicle_occupancy",
        unit: "%",
        value: percentage,
      });
    }
    const status = occupancyWords[carriage.occupancyStatus ?? -1];
    word(readings, { ...of, name: "carriage.occupancy_status", property: "occupancy_status" }, status);
  }
}

/** Adds delays, one channel a stop, at the time that is foretold or came; of the whole trip at the time of the update. */
export function tripReadings(update: TripUpdate, common: Common, readings: Reading[]): void {
  if (update.scheduleRelationship !== undefined) {
    const value = update.scheduleRelationship === canceledTrip || update.scheduleRelationship === deletedTrip;
    readings.push({ ...common, name: "trip.schedule_relationship", property: "cancelled", value });
  }
  if (update.delay !== undefined) {
    // The feed counts lateness, the property how far ahead the vehicle is.
    readings.push({ ...common, name: "delay", property: "schedule_deviation", unit: "s", value: 0 - update.delay });
  }
  for (const stop of update.stops) {
    const { arrival, departure, departureOccupancy } = stop;
    const channel = channelOf(stop.stopId ?? `sequence-${stop.sequence ?? "unknown"}`);
    const of = { ...common, channel };
    if (stop.scheduleRelationship === skippedStop) {
      readings.push({ ...of, name: "stop.schedule_relationship", property: "cancelled", value: true });
      continue;
    }
    if (arrival !== undefined) delay(arrival, { ...of, name: "arrival.delay", property: "arrival_delay" });
    if (departure !== undefined) delay(departure, { ...of, name: "departure.delay", property: "departure_delay" });
    const status = occupancyWords[departureOccupancy ?? -1];
    word(readings, { ...of, name: "departure_occupancy_status", property: "occupancy_status" }, status);
  }

  function delay({ delay: told, time, scheduled }: StopTimeEvent, reading: Omit<Reading, "value">): void {
    const value = told ?? (time !== undefined && scheduled !== undefined ? time - scheduled : undefined);
    if (value === undefined) return; // A time alone says nothing without the timetable.
    const at = time === undefined ? {} : { time: { foretold: time * 1000 } };
    readings.push({ ...reading, ...at, unit: "s", value });
  }
}

function word(readings: Reading[], reading: Omit<Reading, "value">, value: string | undefined): void {
  if (value !== undefined) readings.push({ ...reading, value });
}

function notNegative(value: number | undefined): number | undefined {
  return value !== undefined && value >= 0 ? value : undefined;
}
