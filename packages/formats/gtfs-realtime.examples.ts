import type { FormatExample } from "./example.ts";
import { doubleField, floatField, joined, messageField, textField, varintField } from "./protobuf.fixture.ts";

const seconds = 1_774_743_300;
const header = messageField(1, textField(1, "2.0"), varintField(2, 0), varintField(3, seconds + 30));
const tram = { device: "gtfsrt:bahn/T7", time: { instant: seconds * 1000 } };
const trip = "gtfsrt:trip/5%20Nord";

const position = messageField(
  2,
  floatField(1, 52.5),
  floatField(2, 13.25),
  floatField(3, 270),
  doubleField(4, 182_000.5),
  floatField(5, 8.5),
);

export const examples: readonly FormatExample[] = [
  {
    name: "a vehicle tells position, speed, occupancy and where it is on its way, at its own time",
    topic: "/gtfsrt/vp/bahn////5/0//t1/s1//T7/",
    payload: joined(
      header,
      messageField(
        2,
        textField(1, "e1"),
        messageField(
          4,
          messageField(1, textField(1, "t1"), textField(5, "5")),
          position,
          varintField(4, 1),
          varintField(5, seconds),
          varintField(6, 2),
          textField(7, "s1"),
          messageField(8, textField(1, "T7"), textField(2, "Seven")),
          varintField(9, 2),
          varintField(10, 45),
          messageField(11, textField(1, "a"), varintField(3, 1), varintField(4, -1n), varintField(5, 1)),
        ),
      ),
    ),
    gives: {
      readings: [
        { ...tram, name: "position.latitude", value: 52.5, property: "latitude", unit: "deg" },
        { ...tram, name: "position.longitude", value: 13.25, property: "longitude", unit: "deg" },
        { ...tram, name: "position.bearing", value: 270, property: "heading", unit: "deg" },
        { ...tram, name: "position.speed", value: 8.5, property: "speed", unit: "m/s" },
        { ...tram, name: "position.odometer", value: 182_000.5, property: "odometer", unit: "m" },
        { ...tram, name: "occupancy_percentage", value: 45, property: "vehicle_occupancy", unit: "%" },
        { ...tram, name: "occupancy_status", value: "few_seats_available", property: "occupancy_status" },
        { ...tram, name: "current_status", value: "stopped_at", property: "stop_status" },
        { ...tram, name: "stop_id", value: "s1", property: "stop_id" },
        { ...tram, name: "congestion_level", value: "stop_and_go", property: "trip_congestion" },
        {
          ...tram,
          name: "carriage.occupancy_status",
          value: "many_seats_available",
          property: "occupancy_status",
          channel: "carriage-1",
        },
      ],
    },
  },
  {
    name: "a fleet in one message; without a fix there is no position, without a time of its own the feed's stands",
    topic: "feeds/vehicles.pb",
    payload: joined(
      header,
      messageField(
        2,
        textField(1, "e1"),
        messageField(4, messageField(2, floatField(1, 0), floatField(2, 0), floatField(5, 3))),
      ),
      messageField(2, textField(1, "e2"), messageField(4, messageField(8, textField(2, "Bus 9")), varintField(9, 7))),
      messageField(2, textField(1, "e3"), varintField(2, 1), messageField(4, position)),
    ),
    gives: {
      readings: [
        {
          device: "gtfsrt:e1",
          time: { instant: (seconds + 30) * 1000 },
          name: "position.speed",
          value: 3,
          property: "speed",
          unit: "m/s",
        },
        {
          device: "gtfsrt:Bus_9",
          time: { instant: (seconds + 30) * 1000 },
          name: "occupancy_status",
          value: "no_data_available",
          property: "occupancy_status",
        },
      ],
    },
  },
  {
    name: "a trip tells delays by stop at the time foretold; a skipped stop has none, a time without a delay says nothing",
    topic: "feeds/trips.pb",
    payload: joined(
      header,
      messageField(
        2,
        textField(1, "e1"),
        messageField(
          3,
          messageField(1, textField(1, "5%20Nord"), varintField(4, 0)),
          messageField(
            2,
            textField(4, "de:1"),
            messageField(2, varintField(1, -20n), varintField(2, seconds + 600)),
            messageField(3, varintField(2, seconds + 700), varintField(4, seconds + 640)),
          ),
          messageField(2, varintField(1, 7), varintField(5, 1)),
          messageField(2, varintField(1, 8), messageField(2, varintField(2, seconds + 900))),
          varintField(4, seconds),
          varintField(5, 40),
        ),
      ),
    ),
    gives: {
      readings: [
        {
          device: trip,
          time: { instant: seconds * 1000 },
          name: "trip.schedule_relationship",
          value: false,
          property: "cancelled",
        },
        {
          device: trip,
          time: { instant: seconds * 1000 },
          name: "delay",
          value: -40,
          property: "schedule_deviation",
          unit: "s",
        },
        {
          device: trip,
          time: { foretold: (seconds + 600) * 1000 },
          name: "arrival.delay",
          value: -20,
          property: "arrival_delay",
          unit: "s",
          channel: "de_1",
        },
        {
          device: trip,
          time: { foretold: (seconds + 700) * 1000 },
          name: "departure.delay",
          value: 60,
          property: "departure_delay",
          unit: "s",
          channel: "de_1",
        },
        {
          device: trip,
          time: { instant: seconds * 1000 },
          name: "stop.schedule_relationship",
          value: true,
          property: "cancelled",
          channel: "sequence-7",
        },
      ],
    },
  },
  {
    name: "a vehicle that writes 0 for its time has that of the feed",
    topic: "feeds/vehicles",
    payload: joined(
      header,
      messageField(
        2,
        textField(1, "e1"),
        messageField(4, messageField(2, floatField(5, 2)), varintField(5, 0), messageField(8, textField(1, "T9"))),
      ),
    ),
    gives: {
      readings: [
        {
          device: "gtfsrt:T9",
          time: { instant: (seconds + 30) * 1000 },
          name: "position.speed",
          value: 2,
          property: "speed",
          unit: "m/s",
        },
      ],
    },
  },
  {
    name: "an alert measures nothing",
    topic: "feeds/alerts.pb",
    payload: joined(header, messageField(2, textField(1, "e1"), messageField(5, varintField(6, 1)))),
    gives: { skipped: true },
  },
  {
    name: "a cut feed is refused, not read in part",
    topic: "feeds/trips.pb",
    payload: joined(header, messageField(2, textField(1, "e1"))).subarray(0, -1),
    gives: { refused: "malformed" },
  },
];
