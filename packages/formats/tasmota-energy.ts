import type { WordMeaning } from "./tasmota-words.ts";

/** Words of `ENERGY`. `Today` begins at 0 each midnight, `Period` with each message: figures, no registers. */
const energyWords: ReadonlyMap<string, WordMeaning> = new Map<string, WordMeaning>([
  ["Total", { property: "active_energy", unit: "kW.h" }],
  ["Today", { property: "energy_reading", unit: "kW.h", channel: "Today" }],
  ["Yesterday", { property: "energy_reading", unit: "kW.h", channel: "Yesterday" }],
  ["Period", { property: "energy_reading", unit: "W.h", channel: "Period" }],
  ["ImportActive", { property: "active_energy_import", unit: "kW.h" }],
  ["ExportActive", { property: "active_energy_export", unit: "kW.h" }],
  ["ImportReactive", { property: "reactive_energy_import", unit: "kV.A{reactive}.h" }],
  ["ExportReactive", { property: "reactive_energy_export", unit: "kV.A{reactive}.h" }],
  ["TotalTariff", { property: "active_energy_import", unit: "kW.h" }],
  ["ExportTariff", { property: "active_energy_export", unit: "kW.h" }],
  ["Power", { property: "active_power", unit: "W" }],
  ["ApparentPower", { property: "apparent_power", unit: "V.A" }],
  ["ReactivePower", { property: "reactive_power", unit: "V.A{reactive}" }],
  ["Factor", { property: "power_factor", unit: "1" }],
  ["Frequency", { property: "frequency", unit: "Hz" }],
  ["Voltage", { property: "voltage", unit: "V" }],
  ["Current", { property: "current", unit: "A" }],
  ["PhaseAngle", { property: "phase_angle", unit: "deg" }],
]);

/** The meaning of a word of `ENERGY`; `index` is the place in a list: its phase (or output), of a tariff list its tariff. */
export function energyField(word: string, index?: number): WordMeaning | undefined {
  const meaning = energyWords.get(word);
  if (meaning === undefined || index === undefined) return meaning;
  const part = word.endsWith("Tariff") ? `T${index + 1}` : `L${index + 1}`;
  return { ...meaning, channel: meaning.channel === undefined ? part : `${meaning.channel}-${part}` };
}
