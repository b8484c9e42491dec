import type { FormatExample } from "./example.ts";

const device = "vdv454:X7/trip_1#ABC";
const told = { instant: 1_774_743_000_000 };
const halt = {
  HaltID: "ABC_900:1",
  Ankunftszeit: "2026-03-29T01:20:00+01:00",
  IstAnkunftPrognose: "2026-03-29T01:21:30+01:00",
  Abfahrtszeit: "2026-03-29T01:21:00+01:00",
  IstAbfahrtPrognose: "2026-03-29T01:20:50+01:00",
  Durchfahrt: null,
};
const trip = {
  Zst: "2026-03-29T00:10:00Z",
  LinienID: "X7",
  RichtungsID: "1",
  FahrtID: { FahrtBezeichner: "trip 1#ABC", Betriebstag: "2026-03-28" },
  Komplettfahrt: "false",
  PrognoseMoeglich: "true",
  FaelltAus: null,
};

export const examples: readonly FormatExample[] = [
  {
    name: "a stop at which the vehicle does not arrive has no delay, whatever is foretold",
    topic: "aus.istfahrt.id:X7.id:1.id:trip 1_ABC:tag:2026_03_28",
    payload: { ...trip, IstHalts: [{ ...halt, AnkunftFaelltAus: "true", IstAbfahrtPrognose: null }] },
    gives: {
      readings: [
        {
          device,
          time: told,
          name: "AnkunftFaelltAus",
          value: true,
          property: "cancelled",
          channel: "ABC_900_1",
        },
      ],
    },
  },
  {
    name: "each stop tells how late the vehicle comes and goes, at the time foretold; early is below zero",
    topic: "aus.istfahrt.id:X7.id:1.id:trip 1_ABC:tag:2026_03_28",
    payload: {
      ...trip,
      IstHalts: [
        { ...halt, Besetztgrad: "Stark besetzt" },
        { HaltID: "ABC_901", Ankunftszeit: "2026-03-29T01:30:00+01:00", IstAnkunftPrognose: null },
        { HaltID: "ABC_902", Ankunftszeit: null, IstAnkunftPrognose: "2026-03-29T01:40:00+01:00", Zusatzhalt: "true" },
      ],
    },
    gives: {
      readings: [
        {
          device,
          name: "Ankunft",
          value: 90,
          property: "arrival_delay",
          unit: "s",
          channel: "ABC_900_1",
          time: { foretold: 1_774_743_690_000 },
        },
        {
          device,
          name: "Abfahrt",
          value: -10,
          property: "departure_delay",
          unit: "s",
          channel: "ABC_900_1",
          time: { foretold: 1_774_743_650_000 },
        },
        {
          device,
          name: "Besetztgrad",
          value: "Stark besetzt",
          property: "crowding",
          channel: "ABC_900_1",
          time: told,
        },
      ],
    },
  },
  {
    name: "a trip that is cancelled has no delays",
    topic: "vdv/out",
    payload: { AUSNachricht: { IstFahrt: { ...trip, FaelltAus: "true", IstHalt: halt } } },
    gives: { readings: [{ device, name: "FaelltAus", value: true, property: "cancelled", time: told }] },
  },
  {
    name: "where nothing can be foretold the timetable is no measurement",
    topic: "vdv/out",
    payload: { ...trip, PrognoseMoeglich: "false", IstHalts: [halt] },
    gives: { skipped: true },
  },
  {
    name: "a timetable measures nothing",
    topic: "ref_aus.sollfahrt.id:X7",
    payload: { FahrtID: trip.FahrtID, LinienID: "X7", SollHalts: [{ HaltID: "ABC_900" }] },
    gives: { skipped: true },
  },
  {
    name: "a time without a zone is refused beside the others",
    topic: "vdv/out",
    payload: { ...trip, IstHalts: [{ ...halt, IstAnkunftPrognose: "2026-03-29T01:21:30" }] },
    gives: {
      readings: [
        {
          device,
          name: "Abfahrt",
          value: -10,
          property: "departure_delay",
          unit: "s",
          channel: "ABC_900_1",
          time: { foretold: 1_774_743_650_000 },
        },
      ],
      refusals: [{ code: "invalid_time", reading: "Ankunft" }],
    },
  },
];
