import { ProtobufReader } from "./protobuf.ts";

/**
 * What of GTFS Realtime is read, by the field numbers of its schema
 * (https://gtfs.org/documentation/realtime/proto/). A field that is not there, is 0 where 0 says nothing, or is of another type stays away.
 */
export interface FeedMessage {
  /** Seconds since 1970. */
  timestamp?: number | undefined;
  readonly entities: FeedEntity[];
}

export interface FeedEntity {
  id?: string | undefined;
  isDeleted?: boolean | undefined;
  tripUpdate?: TripUpdate | undefined;
  vehicle?: VehiclePosition | undefined;
}

export interface TripUpdate {
  tripId?: string | undefined;
  scheduleRelationship?: number | undefined;
  vehicleId?: string | undefined;
  timestamp?: number | undefined;
  /** Seconds; of the whole trip. */
  delay?: number | undefined;
  readonly stops: StopTimeUpdate[];
}

export interface StopTimeUpdate {
  sequence?: number | undefined;
  stopId?: string | undefined;
  scheduleRelationship?: number | undefined;
  arrival?: StopTimeEvent | undefined;
  departure?: StopTimeEvent | undefined;
  departureOccupancy?: number | undefined;
}

export interface StopTimeEvent {
  delay?: number | undefined;
  time?: number | undefined;
  scheduled?: number | undefined;
}

export interface VehiclePosition {
  tripId?: string | undefined;
  vehicleId?: string | undefined;
  timestamp?: number | undefined;
  latitude?: number | undefined;
  longitude?: number | undefined;
  bearing?: number | undefined;
  odometer?: number | undefined;
  speed?: number | undefined;
  stopId?: string | undefined;
  stopStatus?: number | undefined;
  congestion?: number | undefined;
  occupancyStatus?: number | undefined;
  occupancyPercentage?: number | undefined;
  readonly carriages: Carriage[];
}

export interface Carriage {
  name?: string | undefined;
  occupancyStatus?: number | undefined;
  occupancyPercentage?: number | undefined;
}

/** The largest feeds of a country have 10,000 vehicles and trips of 200 stops; nothing in two bytes each must fill the memory. */
const maxEntities = 20_000;
const maxParts = 1_000;

/** Something was no Protocol Buffers message, or had more parts than there are. Thrown inside this file only. */
class BrokenMessage extends Error {}

/** Undefined where the bytes are no FeedMessage, at any depth. */
export function readFeed(bytes: Uint8Array): FeedMessage | undefined {
  try {
    return feedOf(bytes);
  } catch (error) {
    if (error instanceof BrokenMessage) return undefined;
    throw error;
  }
}

/** Calls `take` for each field of a message; of no bytes (a field of another type) for none. */
function each(bytes: Uint8Array | undefined, take: (reader: ProtobufReader) => void): void {
  if (bytes === undefined) return;
  const reader = new ProtobufReader(bytes);
  while (reader.next()) take(reader);
  if (reader.isBroken) throw new BrokenMessage();
}

function add<T>(list: T[], part: T, most: number): void {
  if (list.length >= most) throw new BrokenMessage();
  list.push(part);
}

function feedOf(bytes: Uint8Array): FeedMessage {
  const feed: FeedMessage = { entities: [] };
  each(bytes, (at) => {
    if (at.field === 1) each(at.bytes(), (header) => readHeader(header, feed));
    if (at.field === 2) add(feed.entities, entityOf(at.bytes()), maxEntities);
  });
  return feed;
}

function readHeader(at: ProtobufReader, feed: FeedMessage): void {
  if (at.field === 3) feed.timestamp = instantAt(at);
}

function entityOf(bytes: Uint8Array | undefined): FeedEntity {
  const entity: FeedEntity = {};
  each(bytes, (at) => {
    if (at.field === 1) entity.id = textAt(at);
    if (at.field === 2) entity.isDeleted = at.unsigned() === 1;
    if (at.field === 3) entity.tripUpdate = tripUpdateOf(at.bytes());
    if (at.field === 4) entity.vehicle = vehicleOf(at.bytes());
  });
  return entity;
}

function tripUpdateOf(bytes: Uint8Array | undefined): TripUpdate {
  const update: TripUpdate = { stops: [] };
  each(bytes, (at) => {
    if (at.field === 1) Object.assign(update, tripOf(at.bytes()));
    if (at.field === 2) add(update.stops, stopOf(at.bytes()), maxParts);
    if (at.field === 3) update.vehicleId = vehicleIdOf(at.bytes());
    if (at.field === 4) update.timestamp = instantAt(at);
    if (at.field === 5) update.delay = at.signed();
  });
  return update;
}

interface Trip {
  tripId?: string | undefined;
  scheduleRelationship?: number | undefined;
}

function tripOf(bytes: Uint8Array | undefined): Trip {
  const trip: Trip = {};
  each(bytes, (at) => {
    if (at.field === 1) trip.tripId = textAt(at);
    if (at.field === 4) trip.scheduleRelationship = at.unsigned();
  });
  return trip;
}

/** The operator's id of the vehicle, else what passengers read on it. */
function vehicleIdOf(bytes: Uint8Array | undefined): string | undefined {
  let id: string | undefined;
  let label: string | undefined;
  each(bytes, (at) => {
    if (at.field === 1) id = textAt(at);
    if (at.field === 2) label = textAt(at);
  });
  return id ?? label;
}

function stopOf(bytes: Uint8Array | undefined): StopTimeUpdate {
  const stop: StopTimeUpdate = {};
  each(bytes, (at) => {
    if (at.field === 1) stop.sequence = at.unsigned();
    if (at.field === 2) stop.arrival = eventOf(at.bytes());
    if (at.field === 3) stop.departure = eventOf(at.bytes());
    if (at.field === 4) stop.stopId = textAt(at);
    if (at.field === 5) stop.scheduleRelationship = at.unsigned();
    if (at.field === 7) stop.departureOccupancy = at.unsigned();
  });
  return stop;
}

function eventOf(bytes: Uint8Array | undefined): StopTimeEvent {
  const event: StopTimeEvent = {};
  each(bytes, (at) => {
    if (at.field === 1) event.delay = at.signed();
    if (at.field === 2) event.time = instantAt(at);
    if (at.field === 4) event.scheduled = instantAt(at);
  });
  return event;
}

function vehicleOf(bytes: Uint8Array | undefined): VehiclePosition {
  const vehicle: VehiclePosition = { carriages: [] };
  each(bytes, (at) => {
    if (at.field === 1) vehicle.tripId = tripOf(at.bytes()).tripId;
    if (at.field === 2) each(at.bytes(), (position) => readPosition(position, vehicle));
    if (at.field === 4) vehicle.stopStatus = at.unsigned();
    if (at.field === 5) vehicle.timestamp = instantAt(at);
    if (at.field === 6) vehicle.congestion = at.unsigned();
    if (at.field === 7) vehicle.stopId = textAt(at);
    if (at.field === 8) vehicle.vehicleId = vehicleIdOf(at.bytes());
    if (at.field === 9) vehicle.occupancyStatus = at.unsigned();
    if (at.field === 10) vehicle.occupancyPercentage = at.unsigned();
    if (at.field === 11) add(vehicle.carriages, carriageOf(at.bytes()), maxParts);
  });
  return vehicle;
}

function readPosition(at: ProtobufReader, vehicle: VehiclePosition): void {
  if (at.field === 1) vehicle.latitude = at.float();
  if (at.field === 2) vehicle.longitude = at.float();
  if (at.field === 3) vehicle.bearing = at.float();
  if (at.field === 4) vehicle.odometer = at.double();
  if (at.field === 5) vehicle.speed = at.float();
}

function carriageOf(bytes: Uint8Array | undefined): Carriage {
  const carriage: Carriage = {};
  let sequence: number | undefined;
  each(bytes, (at) => {
    if (at.field === 1) carriage.name = textAt(at);
    if (at.field === 2 && carriage.name === undefined) carriage.name = textAt(at);
    if (at.field === 3) carriage.occupancyStatus = at.unsigned();
    if (at.field === 4) carriage.occupancyPercentage = at.signed();
    if (at.field === 5) sequence = at.unsigned();
  });
  if (sequence !== undefined) carriage.name = String(sequence);
  return carriage;
}

function textAt(at: ProtobufReader): string | undefined {
  const text = at.text();
  return text === "" ? undefined : text;
}

/** Seconds since 1970, UTC; 0 is what a feed without a clock writes. */
function instantAt(at: ProtobufReader): number | undefined {
  const seconds = at.signed();
  return seconds === undefined || seconds <= 0 ? undefined : seconds;
}
