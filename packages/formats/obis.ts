/** What an OBIS code of electricity (IEC 62056-61, medium 1) says. */
export interface ObisMeaning {
  readonly property: string;
  /** Meters differ in the prefix of the unit; this is the one of the registers as shown: kW.h, W, V, A, Hz. */
  readonly unit: string;
  /** Phase or tariff. */
  readonly channel?: string;
}

/** Value group C with D = 7 (instantaneous) and without phase. */
const instantaneous: ReadonlyMap<number, ObisMeaning> = new Map([
  [1, { property: "active_power", unit: "W", channel: "import" }],
  [2, { property: "active_power", unit: "W", channel: "export" }],
  [3, { property: "reactive_power", unit: "V.A{reactive}", channel: "import" }],
  [4, { property: "reactive_power", unit: "V.A{reactive}", channel: "export" }],
  [9, { property: "apparent_power", unit: "V.A" }],
  [11, { property: "current", unit: "A" }],
  [12, { property: "voltage", unit: "V" }],
  [13, { property: "power_factor", unit: "1" }],
  [14, { property: "frequency", unit: "Hz" }],
  [16, { property: "active_power", unit: "W" }],
]);

/** Value group C with D = 8 (time integral: a register). */
const registers: ReadonlyMap<number, ObisMeaning> = new Map([
  [1, { property: "active_energy_import", unit: "kW.h" }],
  [2, { property: "active_energy_export", unit: "kW.h" }],
  [3, { property: "reactive_energy_import", unit: "kV.A{reactive}.h" }],
  [4, { property: "reactive_energy_export", unit: "kV.A{reactive}.h" }],
]);

/** C of the phases L1, L2, L3 is that of the sum plus 20, 40, 60. */
const phaseStep = 20;

/** `[A-B:]C.D.E[*F]` with any separators, after any word: `1-0:1.8.0*255`, `1_8_0`, `ELZ_2_8_0`. */
const code = /(?:^|[^0-9])(?:1[^0-9]0[^0-9])?(\d{1,2})[^0-9]([78])[^0-9](\d{1,3})(?:[^0-9]255)?$/u;

export function obisMeaning(text: string): ObisMeaning | undefined {
  const match = code.exec(text);
  if (match === null) return undefined;
  const [group, kind, rate] = [Number(match[1]), match[2], Number(match[3])];
  const phase = group > phaseStep ? Math.floor((group - 1) / phaseStep) : 0;
  const meaning = (kind === "7" ? instantaneous : registers).get(group - phase * phaseStep);
  if (meaning === undefined || phase > 3) return undefined;
  const isTariff = kind === "8" && rate > 0 && rate < 10;
  const parts = [meaning.channel ?? "", phase > 0 ? `L${phase}` : "", isTariff ? `T${rate}` : ""];
  const channel = parts.filter((part) => part !== "").join("-");
  const { property, unit } = meaning;
  return channel === "" ? { property, unit } : { property, unit, channel };
}
