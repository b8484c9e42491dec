import type { FormatExample } from "./example.ts";
import { bytesField, doubleField, joined, messageField, textField, varintField } from "./protobuf.fixture.ts";

const at = 1_774_743_000_000;
const time = { instant: at };
const device = "spb:Works/Pump-3";
const node = "spBv1.0/Works";
const rebirth = "spBv1.0/Works/NCMD/Pump-3";

const engUnit = messageField(9, textField(1, "engUnit"), messageField(2, varintField(1, 12), textField(8, "m3/h")));
const bdSeq = messageField(2, textField(1, "bdSeq"), varintField(4, 4), varintField(11, 7));
const birth = joined(
  varintField(1, at),
  bdSeq,
  messageField(2, textField(1, "Node Control/Rebirth"), varintField(4, 11), varintField(14, 0)),
  messageField(
    2,
    textField(1, "Outlet/Flow rate"),
    varintField(2, 5),
    varintField(4, 10),
    engUnit,
    doubleField(13, 12.5),
  ),
  messageField(2, textField(1, "Level"), varintField(2, 6), varintField(4, 2), varintField(7, 1)),
  varintField(3, 0),
);
const born = {
  session: 7,
  bornAt: at,
  aliases: { 5: ["Outlet/Flow rate", 10, "m3/h"], 6: ["Level", 2, null] },
  names: { bdSeq: ["bdSeq", 4, null], "Node Control/Rebirth": ["Node Control/Rebirth", 11, null] },
} as const;
const flow = { device, name: "Outlet/Flow rate", property: "flow", channel: "Outlet_Flow_rate", unit: "m3/h" };

function data(seq: number, ...metrics: readonly Uint8Array[]): Uint8Array {
  return joined(varintField(1, at), ...metrics, varintField(3, seq));
}

export const examples: readonly FormatExample[] = [
  {
    name: "a birth certificate tells names, datatypes and units, and is remembered; a null is no value",
    topic: `${node}/NBIRTH/Pump-3`,
    payload: birth,
    gives: {
      readings: [{ ...flow, value: 12.5, time }],
      remember: [
        { key: "Works/Pump-3", value: born },
        { key: "seq Works/Pump-3", value: 0, isTransient: true },
      ],
    },
  },
  {
    name: "data by alias; a negative integer of 16 bits",
    topic: `${node}/NDATA/Pump-3`,
    payload: data(
      1,
      messageField(2, varintField(2, 5), varintField(3, at - 1000), doubleField(13, 13)),
      messageField(2, varintField(2, 6), varintField(10, 0xff_ff_ff_fe)),
    ),
    state: { "Works/Pump-3": born, "seq Works/Pump-3": 0 },
    gives: {
      readings: [
        { ...flow, value: 13, time: { instant: at - 1000 } },
        { device, name: "Level", value: -2, channel: "Level", time },
      ],
      remember: [{ key: "seq Works/Pump-3", value: 1, isTransient: true }],
    },
  },
  {
    name: "a gap in the sequence: the value is kept, and a rebirth is asked for",
    topic: `${node}/NDATA/Pump-3`,
    payload: data(9, messageField(2, varintField(2, 5), doubleField(13, 14))),
    state: { "Works/Pump-3": born, "seq Works/Pump-3": 3 },
    gives: { readings: [{ ...flow, value: 14, time }], request: rebirth },
  },
  {
    name: "255 is followed by 0",
    topic: `${node}/NDATA/Pump-3`,
    payload: data(0, messageField(2, varintField(2, 5), doubleField(13, 14))),
    state: { "Works/Pump-3": born, "seq Works/Pump-3": 255 },
    gives: {
      readings: [{ ...flow, value: 14, time }],
      remember: [{ key: "seq Works/Pump-3", value: 0, isTransient: true }],
    },
  },
  {
    name: "an alias that nobody has told is refused, and a rebirth is asked for",
    topic: `${node}/NDATA/Pump-3`,
    payload: data(1, messageField(2, varintField(2, 99), doubleField(13, 14))),
    gives: { readings: [], refusals: [{ code: "unknown_property" }], request: rebirth },
  },
  {
    name: "a device's certificate ends with its node's",
    topic: `${node}/DDATA/Pump-3/Motor`,
    payload: data(4, messageField(2, varintField(2, 5), doubleField(13, 14))),
    state: { "Works/Pump-3": { ...born, bornAt: at + 1 }, "Works/Pump-3/Motor": born },
    gives: { readings: [], refusals: [{ code: "unknown_property" }], request: rebirth },
  },
  {
    name: "a data set is several values",
    topic: `${node}/NDATA/Pump-3`,
    payload: data(
      1,
      messageField(2, textField(1, "Table"), varintField(4, 16), bytesField(17, new Uint8Array([8, 1]))),
    ),
    state: { "Works/Pump-3": born, "seq Works/Pump-3": 0 },
    gives: { readings: [], refusals: [{ code: "invalid_value", reading: "Table" }] },
  },
  {
    name: "a death certificate ends what the birth certificate of its session told",
    topic: `${node}/NDEATH/Pump-3`,
    payload: bdSeq,
    state: { "Works/Pump-3": born },
    gives: {
      skipped: true,
      device,
      remember: [
        { key: "Works/Pump-3", value: null },
        { key: "seq Works/Pump-3", value: null, isTransient: true },
      ],
    },
  },
  {
    name: "a will that came late ends nothing",
    topic: `${node}/NDEATH/Pump-3`,
    payload: bdSeq,
    state: { "Works/Pump-3": { ...born, session: 8 } },
    gives: { skipped: true, device },
  },
  {
    name: "text is no payload of Sparkplug",
    topic: `${node}/NDATA/Pump-3`,
    payload: "{}",
    gives: { refused: "malformed" },
  },
  { name: "a command measures nothing", topic: rebirth, payload: "x", gives: { skipped: true } },
];
