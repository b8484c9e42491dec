import type { FormatExample } from "./example.ts";

export const examples: readonly FormatExample[] = [
  {
    name: "version 1.9: a phase of the meter of the grid",
    topic: "openWB/evu/WPhase2",
    payload: "-1204",
    gives: {
      readings: [
        { device: "openwb:evu", name: "evu/WPhase2", value: -1204, property: "active_power", channel: "L2", unit: "W" },
      ],
    },
  },
  {
    name: "version 1.9: the register of a charging point, in kWh",
    topic: "openWB/lp/1/kWhCounter",
    payload: "812.04",
    gives: {
      readings: [
        {
          device: "openwb:lp/1",
          name: "lp/1/kWhCounter",
          value: 812.04,
          property: "active_energy_import",
          unit: "kW.h",
        },
      ],
    },
  },
  {
    name: "version 2: phases are a list, a phase may be missing",
    topic: "depot/openWB/chargepoint/4/get/currents",
    payload: [16.01, 0, null],
    gives: {
      readings: [
        {
          device: "openwb:depot/chargepoint/4",
          name: "chargepoint/4/get/currents.L1",
          value: 16.01,
          property: "current",
          channel: "L1",
          unit: "A",
        },
        {
          device: "openwb:depot/chargepoint/4",
          name: "chargepoint/4/get/currents.L2",
          value: 0,
          property: "current",
          channel: "L2",
          unit: "A",
        },
      ],
    },
  },
  {
    name: "version 2: the register of a counter, in Wh",
    topic: "openWB/counter/0/get/imported",
    payload: "1204050.5",
    gives: {
      readings: [
        {
          device: "openwb:counter/0",
          name: "counter/0/get/imported",
          value: 1_204_050.5,
          property: "active_energy_import",
          unit: "W.h",
        },
      ],
    },
  },
  {
    name: "version 2: whether a vehicle is plugged in",
    topic: "openWB/chargepoint/4/get/plug_state",
    payload: "true",
    gives: {
      readings: [
        {
          device: "openwb:chargepoint/4",
          name: "chargepoint/4/get/plug_state",
          value: true,
          property: "state",
          channel: "plug_state",
        },
      ],
    },
  },
  {
    name: "a setting measures nothing",
    topic: "openWB/config/get/pv/minCurrentMinPv",
    payload: "6",
    gives: { skipped: true, device: "openwb:config" },
  },
  {
    name: "a word where a number belongs is refused",
    topic: "openWB/evu/W",
    payload: "much",
    gives: { refused: "invalid_value" },
  },
];
