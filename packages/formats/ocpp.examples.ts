import type { FormatExample } from "./example.ts";

const device = "ocpp:depot/cp-3";
const time = { instant: 1_774_743_000_000 };

export const examples: readonly FormatExample[] = [
  {
    name: "meter values of 1.6: defaults, units, phases, a place other than the outlet",
    topic: "ocpp/depot/cp-3",
    payload: [
      2,
      "b1",
      "MeterValues",
      {
        connectorId: 2,
        meterValue: [
          {
            timestamp: "2026-03-29T01:10:00+01:00",
            sampledValue: [
              { value: "12040" },
              { value: "12.5", measurand: "Energy.Active.Import.Register", unit: "kWh", location: "Inlet" },
              { value: "229.50", measurand: "Voltage", unit: "V", phase: "L1-N", context: "Sample.Periodic" },
              { value: "50.01", measurand: "Frequency" },
            ],
          },
        ],
      },
    ],
    gives: {
      readings: [
        {
          device,
          name: "Energy.Active.Import.Register",
          value: 12_040,
          property: "active_energy_import",
          channel: "connector-2",
          unit: "W.h",
          time,
        },
        {
          device,
          name: "Energy.Active.Import.Register",
          value: 12.5,
          property: "active_energy_import",
          channel: "connector-2-Inlet",
          unit: "kW.h",
          time,
        },
        { device, name: "Voltage", value: 229.5, property: "voltage", channel: "connector-2-L1", unit: "V", time },
        { device, name: "Frequency", value: 50.01, property: "frequency", channel: "connector-2", unit: "Hz", time },
      ],
    },
  },
  {
    name: "a transaction event of 2.0.1, with a power of ten; signed data and a word are refused beside it",
    topic: "ocpp/depot/cp-3/TransactionEvent",
    payload: {
      eventType: "Updated",
      evse: { id: 1 },
      meterValue: [
        {
          timestamp: "2026-03-29T00:10:00Z",
          sampledValue: [
            { value: 7.4, measurand: "Power.Active.Import", unitOfMeasure: { unit: "W", multiplier: 3 } },
            { value: "OCMF|{}", format: "SignedData" },
            { value: 1, measurand: "Mood" },
          ],
        },
      ],
    },
    gives: {
      readings: [
        {
          device,
          name: "Power.Active.Import",
          value: 7400,
          property: "active_power",
          channel: "connector-1-import",
          unit: "W",
          time,
        },
      ],
      refusals: [
        { code: "invalid_value", reading: "Energy.Active.Import.Register" },
        { code: "unknown_property", reading: "Mood" },
      ],
    },
  },
  {
    name: "the state of a connector",
    topic: "ocpp/depot/cp-3",
    payload: [
      2,
      "b2",
      "StatusNotification",
      { connectorId: 1, status: "SuspendedEV", timestamp: "2026-03-29T00:10:00Z" },
    ],
    gives: {
      readings: [
        { device, name: "status", value: "suspended_ev", property: "charging_state", channel: "connector-1", time },
      ],
    },
  },
  {
    name: "an answer measures nothing",
    topic: "ocpp/depot/cp-3",
    payload: [3, "b1", {}],
    gives: { skipped: true, device },
  },
  {
    name: "nor does a heartbeat",
    topic: "ocpp/depot/cp-3",
    payload: [2, "b3", "Heartbeat", {}],
    gives: { skipped: true, device },
  },
];
