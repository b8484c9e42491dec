import type { JsonObject } from "./json-object.ts";
import { remember } from "./remember.ts";
import type { WordMeaning } from "./tasmota-words.ts";

interface DescribedLabel {
  /** A group in it is the phase or tariff. */
  readonly pattern: RegExp;
  readonly property?: string;
  /** Absent with the property: nobody can tell it from the message. */
  readonly unit?: string;
}

function label(pattern: RegExp, property: string, unit: string): DescribedLabel {
  return { pattern, property, unit };
}

function unknown(pattern: RegExp): DescribedLabel {
  return { pattern };
}

const celsius = "Cel";
const kilowattHours = "kW.h";
const pumps = /^(?:Power|HP)_Use_Sum$/u;

/**
 * Published descriptors whose labels mean something else than the same words elsewhere, or are words of that meter alone. Told by the
 * meter's name. Source: Tasmota docs, "Smart Meter Interface", the meter in the comment.
 */
const byName: ReadonlyMap<string, readonly DescribedLabel[]> = new Map([
  // eBZ DD3: watt-hours where it is read as OBIS, kilowatt-hours where as SML.
  ["SM", [unknown(/^[12][_.-]8[_.-]\d$/u)]],
  // SBC ALE3: powers in kW.
  [
    "SBC",
    [
      label(/^Power_(L[123])$/u, "active_power", "kW"),
      label(/^Power_Total$/u, "active_power", "kW"),
      label(/^ReaktivePower_(L[123])$/u, "reactive_power", "kV.A{reactive}"),
      label(/^ReaktivePower_Total$/u, "reactive_power", "kV.A{reactive}"),
    ],
  ],
  // Landis+Gyr E650: labelled as W, as kWh, and sent as the meter writes them.
  ["data", [unknown(/^(?:16|36|56|76)-7-0$/u)]],
  ["LK13BE", [label(/^current$/u, "active_power", "W")]],
  ["Strom", [label(/^Pges$/u, "active_energy_import", kilowattHours)]],
  // EFR SGM-C, in the words of a plug.
  [
    "ENERGY",
    [
      label(/^Supply$/u, "active_energy_export", kilowattHours),
      label(/^Supply_t([12])$/u, "active_energy_export", kilowattHours),
    ],
  ],
  // Elster F96 Plus, a heat meter.
  [
    "WAERME",
    [
      label(/^w_total$/u, "heat_energy", kilowattHours),
      label(/^v_total$/u, "heat_volume", "m3"),
      label(/^p_act$/u, "heat_power", "W"),
      label(/^F_akt$/u, "heat_flow", "m3/h"),
      label(/^t_flow$/u, "flow_temperature", celsius),
      label(/^t_return$/u, "return_temperature", celsius),
      label(/^t_diff$/u, "temperature_difference", "K"),
    ],
  ],
  // Kamstrup Multical, a heat meter.
  [
    "KSMC403",
    [
      label(/^HeatEnergyE1$/u, "heat_energy", "MW.h"),
      label(/^PreTemp$/u, "flow_temperature", celsius),
      label(/^AftTemp$/u, "return_temperature", celsius),
      label(/^DifTemp$/u, "temperature_difference", "K"),
      label(/^Flow$/u, "heat_flow", "L/h"),
      label(/^Volume$/u, "heat_volume", "m3"),
    ],
  ],
]);

/** As above, told by a label that no other meter has. */
const byLabel: readonly { readonly has: RegExp; readonly labels: readonly DescribedLabel[] }[] = [
  // SunSpec inverters: raw registers, each with the power of ten that it is to be multiplied with (`Vltg_SF`).
  { has: /_SF$/u, labels: [unknown(/^/u)] },
  // EasyMeter Q3B: `Power_T1` and `Power_Sum` are registers.
  {
    has: pumps,
    labels: [
      label(/^(?:Power|HP)_(T[12])$/u, "active_energy_import", kilowattHours),
      label(/^(?:Power|HP)_Sum$/u, "active_energy_import", kilowattHours),
      label(pumps, "active_power", "W"),
    ],
  },
  // Hager EHZ161: amperes have the labels of the volts, and the last one wins.
  {
    has: /^zaehler_a[+-]$/u,
    labels: [
      label(/^zaehler_a\+$/u, "active_energy_import", kilowattHours),
      label(/^zaehler_a-$/u, "active_energy_export", kilowattHours),
      unknown(/^volt_l[123]$/u),
    ],
  },
  // SDM230: `cosPhi` is in degrees, the power factor has a word of its own.
  { has: /^P_Faktor$/u, labels: [label(/^P_Faktor$/u, "power_factor", "1"), unknown(/^cosPhi$/u)] },
  // gPlug: registers in kWh; scripts send the power (`Pi`, `Po`) in kW or in W, and the currents as they are or divided.
  {
    has: /^Ei[12]?$/u,
    labels: [
      label(/^Ei$/u, "active_energy_import", kilowattHours),
      label(/^Ei([12])$/u, "active_energy_import", kilowattHours),
      label(/^Eo$/u, "active_energy_export", kilowattHours),
      label(/^Eo([12])$/u, "active_energy_export", kilowattHours),
      unknown(/^(?:P[io]|I[123])$/u),
    ],
  },
  // Phases named by letters, beside the power that is known to be in W.
  { has: /^Power_C$/u, labels: [label(/^Power_([ABC])$/u, "active_power", "W")] },
  // inepro PRO380: kW and kWh, the phase first.
  {
    has: /^(?:L[123]_)?TR?E$/u,
    labels: [
      label(/^(L[123])_P$/u, "active_power", "kW"),
      label(/^T_P$/u, "active_power", "kW"),
      label(/^(L[123])_TE$/u, "active_energy", kilowattHours),
      label(/^TE$/u, "active_energy", kilowattHours),
      label(/^(L[123])_TRE$/u, "active_energy_export", kilowattHours),
      label(/^TRE$/u, "active_energy_export", kilowattHours),
    ],
  },
];

const phaseLetters: ReadonlyMap<string, string> = new Map([
  ["A", "L1"],
  ["B", "L2"],
  ["C", "L3"],
]);

const toldBy = remember((word) => byLabel.find(({ has }) => has.test(word))?.labels);

/** What the published descriptor of a meter says of a label; null where it cannot be told; undefined where it says nothing of its own. */
export function descriptorOf(
  meter: string,
  siblings: JsonObject,
): ((word: string) => WordMeaning | null | undefined) | undefined {
  const labels = byName.get(meter) ?? firstTold(siblings);
  if (labels === undefined) return undefined;
  return (word) => {
    for (const { pattern, property, unit } of labels) {
      const match = pattern.exec(word);
      if (match === null) continue;
      if (property === undefined || unit === undefined) return null;
      const [, part] = match;
      if (part === undefined) return { property, unit };
      return { property, unit, channel: /^\d$/u.test(part) ? `T${part}` : (phaseLetters.get(part) ?? part) };
    }
    return undefined;
  };
}

function firstTold(siblings: JsonObject): readonly DescribedLabel[] | undefined {
  for (const word of Object.keys(siblings)) {
    const labels = toldBy(word);
    if (labels !== undefined) return labels;
  }
  return undefined;
}
