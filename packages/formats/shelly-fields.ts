/** A value of a component's status. */
export interface StatusField {
  readonly path: readonly [string] | readonly [string, string];
  /** Absent: the owner defines what it means, so only the registry can say it. */
  readonly property?: string;
  readonly unit?: string;
  readonly channel?: string;
  /** The status' list of errors that concern it, beside `errors`. */
  readonly errors?: string;
  /** 0 says that there is nothing to measure: the frequency of a phase that is not connected. */
  readonly zeroIsUnknown?: true;
}

const deviceTemperature: StatusField = { path: ["temperature", "tC"], property: "device_temperature", unit: "Cel" };

const lineFields: readonly StatusField[] = [
  { path: ["voltage"], property: "voltage", unit: "V" },
  { path: ["current"], property: "current", unit: "A" },
  { path: ["pf"], property: "power_factor", unit: "1" },
  { path: ["freq"], property: "frequency", unit: "Hz", zeroIsUnknown: true },
];

/** Of what switches or meters a load. `by_minute` is in mWh and says nothing that `total`, in Wh, does not. */
const loadFields: readonly StatusField[] = [
  { path: ["apower"], property: "active_power", unit: "W" },
  { path: ["aprtpower"], property: "apparent_power", unit: "V.A" },
  ...lineFields,
  { path: ["aenergy", "total"], property: "active_energy", unit: "W.h" },
  { path: ["ret_aenergy", "total"], property: "active_energy_export", unit: "W.h" },
  deviceTemperature,
];

const output: StatusField = { path: ["output"], property: "switch_state", unit: "1" };

const phases = [
  ["a", "L1"],
  ["b", "L2"],
  ["c", "L3"],
] as const;

function phasePower([letter, channel]: readonly [string, string]): StatusField[] {
  const phase = { channel, errors: `${letter}_errors` };
  return [
    { path: [`${letter}_act_power`], property: "active_power", unit: "W", ...phase },
    { path: [`${letter}_aprt_power`], property: "apparent_power", unit: "V.A", ...phase },
    { path: [`${letter}_voltage`], property: "voltage", unit: "V", ...phase },
    { path: [`${letter}_current`], property: "current", unit: "A", ...phase },
    { path: [`${letter}_pf`], property: "power_factor", unit: "1", ...phase },
    { path: [`${letter}_freq`], property: "frequency", unit: "Hz", zeroIsUnknown: true, ...phase },
  ];
}

function phaseEnergy([letter, channel]: readonly [string, string]): StatusField[] {
  const phase = { channel, errors: `${letter}_errors` };
  return [
    { path: [`${letter}_total_act_energy`], property: "active_energy_import", unit: "W.h", ...phase },
    { path: [`${letter}_total_act_ret_energy`], property: "active_energy_export", unit: "W.h", ...phase },
  ];
}

const lightFields: readonly StatusField[] = [
  output,
  { path: ["brightness"], property: "dimming_level", unit: "%" },
  ...loadFields,
];

const battery: StatusField = { path: ["battery"], property: "battery_level", unit: "%" };
const radio: StatusField = { path: ["rssi"], property: "rssi", unit: "dB[mW]" };

/**
 * What the components of Gen2 and later devices measure. Settings, timers and counters of commands are left out. Source: Shelly
 * API documentation, "Components and services", the status of each.
 */
export const componentFields: ReadonlyMap<string, readonly StatusField[]> = new Map([
  ["switch", [output, ...loadFields]],
  ["pm1", loadFields],
  [
    "cover",
    [
      { path: ["state"], property: "word" },
      { path: ["current_pos"], property: "percentage", unit: "%" },
      ...loadFields,
    ],
  ],
  [
    "input",
    [
      { path: ["state"], property: "input_state", unit: "1" },
      { path: ["percent"], property: "percentage", unit: "%" },
      { path: ["counts", "total"], property: "pulse_count", unit: "{pulse}" },
      // What the owner's formula makes of them.
      { path: ["xpercent"] },
      { path: ["counts", "xtotal"] },
    ],
  ],
  ["light", lightFields],
  ["rgb", lightFields],
  ["rgbw", lightFields],
  ["cct", lightFields],
  ["rgbcct", lightFields],
  [
    "em",
    [
      ...phases.flatMap(phasePower),
      { path: ["n_current"], property: "current", unit: "A", channel: "N", errors: "n_errors" },
      { path: ["total_act_power"], property: "active_power", unit: "W" },
      { path: ["total_aprt_power"], property: "apparent_power", unit: "V.A" },
      { path: ["total_current"], property: "current", unit: "A" },
    ],
  ],
  [
    "emdata",
    [
      ...phases.flatMap(phaseEnergy),
      { path: ["total_act"], property: "active_energy_import", unit: "W.h" },
      { path: ["total_act_ret"], property: "active_energy_export", unit: "W.h" },
    ],
  ],
  [
    "em1",
    [
      { path: ["act_power"], property: "active_power", unit: "W" },
      { path: ["aprt_power"], property: "apparent_power", unit: "V.A" },
      ...lineFields,
    ],
  ],
  [
    "em1data",
    [
      { path: ["total_act_energy"], property: "active_energy_import", unit: "W.h" },
      { path: ["total_act_ret_energy"], property: "active_energy_export", unit: "W.h" },
    ],
  ],
  ["temperature", [{ path: ["tC"], property: "temperature", unit: "Cel" }]],
  ["humidity", [{ path: ["rh"], property: "relative_humidity", unit: "%" }]],
  ["illuminance", [{ path: ["lux"], property: "illuminance", unit: "lx" }]],
  ["voltmeter", [{ path: ["voltage"], property: "voltage", unit: "V" }, { path: ["xvoltage"] }]],
  [
    "devicepower",
    [
      { path: ["battery", "V"], property: "battery_voltage", unit: "V" },
      { path: ["battery", "percent"], property: "battery_level", unit: "%" },
    ],
  ],
  ["flood", [{ path: ["alarm"], property: "water_leak", unit: "1" }]],
  ["smoke", [{ path: ["alarm"], property: "smoke_alarm", unit: "1" }]],
  ["wifi", [radio]],
  ["sys", [{ path: ["uptime"], property: "uptime", unit: "s" }]],
  ["bthomedevice", [radio, battery]],
  [
    "blutrv",
    [
      radio,
      battery,
      { path: ["pos"], property: "valve_position", unit: "%" },
      { path: ["current_C"], property: "temperature", unit: "Cel" },
    ],
  ],
  ["presence", [{ path: ["num_objects"], property: "people_present", unit: "{person}" }]],
  [
    "presencezone",
    [
      { path: ["value"], property: "motion", unit: "1" },
      { path: ["num_objects"], property: "people_present", unit: "{person}" },
    ],
  ],
  ["thermostat", [{ path: ["current_C"], property: "temperature", unit: "Cel" }]],
  // What the owner defines, or a foreign sensor whose unit the status does not say.
  ["bthomesensor", [{ path: ["value"] }]],
  ["number", [{ path: ["value"] }]],
  ["boolean", [{ path: ["value"] }]],
]);

/** Components that a device has once, without a number. */
export const singletons: ReadonlySet<string> = new Set(
  "ble bthome cloud dali eth ht_ui knx matter modbus mqtt pill plugs_ui schedule serial sys ui wifi ws zigbee".split(
    " ",
  ),
);
