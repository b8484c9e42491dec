/** What a topic of openWB holds. */
export interface OpenwbMeaning {
  readonly property: string;
  readonly unit?: string;
  readonly channel?: string;
  readonly reads?: "flag" | "phases";
}

type Entry = readonly [pattern: RegExp, property: string, unit?: string | undefined, reads?: OpenwbMeaning["reads"]];

/** openWB 1.9: below `evu`, `lp/<n>`, `pv`, `housebattery`, `global`. A digit behind `Phase` is the phase. */
const version1: readonly Entry[] = [
  [/^evu\/W$/u, "active_power", "W"],
  [/^evu\/WPhase(?<phase>[123])$/u, "active_power", "W"],
  [/^evu\/VPhase(?<phase>[123])$/u, "voltage", "V"],
  [/^evu\/APhase(?<phase>[123])$/u, "current", "A"],
  [/^evu\/PfPhase(?<phase>[123])$/u, "power_factor", "1"],
  [/^evu\/Hz$/u, "frequency", "Hz"],
  [/^evu\/WhImported$/u, "active_energy_import", "W.h"],
  [/^evu\/WhExported$/u, "active_energy_export", "W.h"],
  [/^pv\/(?:(?<id>\d+)\/)?W$/u, "active_power", "W"],
  [/^pv\/(?:(?<id>\d+)\/)?WhCounter$/u, "active_energy", "W.h"],
  [/^housebattery\/W$/u, "active_power", "W"],
  [/^housebattery\/%Soc$/u, "state_of_charge", "%"],
  [/^housebattery\/WhImported$/u, "charged_energy", "W.h"],
  [/^housebattery\/WhExported$/u, "discharged_energy", "W.h"],
  [/^lp\/(?<id>\d+)\/W$/u, "active_power", "W"],
  [/^lp\/(?<id>\d+)\/VPhase(?<phase>[123])$/u, "voltage", "V"],
  [/^lp\/(?<id>\d+)\/APhase(?<phase>[123])$/u, "current", "A"],
  [/^lp\/(?<id>\d+)\/PfPhase(?<phase>[123])$/u, "power_factor", "1"],
  [/^lp\/(?<id>\d+)\/kWhCounter$/u, "active_energy_import", "kW.h"],
  [/^lp\/(?<id>\d+)\/%Soc$/u, "state_of_charge", "%"],
  [/^lp\/(?<id>\d+)\/(?<word>kWhActualCharged|kWhChargedSincePlugged|kWhDailyCharged)$/u, "energy_reading", "kW.h"],
  [/^lp\/(?<id>\d+)\/(?<word>boolPlugStat|boolChargeStat)$/u, "state", undefined, "flag"],
  [/^global\/(?<word>WHouseConsumption|WAllChargePoints)$/u, "active_power", "W"],
];

/** openWB 2: below `counter`, `chargepoint`, `pv`, `bat`, `vehicle`, of one device or (without a number) of all. Lists are by phase. */
const version2: readonly Entry[] = [
  [/^(?:counter|chargepoint|pv|bat)\/(?:(?<id>\d+)\/)?get\/power$/u, "active_power", "W"],
  [/^(?:counter|chargepoint|pv|bat)\/(?<id>\d+)\/get\/powers$/u, "active_power", "W", "phases"],
  [/^(?:counter|chargepoint|pv|bat)\/(?<id>\d+)\/get\/currents$/u, "current", "A", "phases"],
  [/^(?:counter|chargepoint|pv|bat)\/(?<id>\d+)\/get\/voltages$/u, "voltage", "V", "phases"],
  [/^(?:counter|chargepoint|pv|bat)\/(?<id>\d+)\/get\/power_factors$/u, "power_factor", "1", "phases"],
  [/^(?:counter|chargepoint)\/(?<id>\d+)\/get\/frequency$/u, "frequency", "Hz"],
  [/^(?:counter|chargepoint)\/(?:(?<id>\d+)\/)?get\/imported$/u, "active_energy_import", "W.h"],
  [/^(?:counter|chargepoint)\/(?:(?<id>\d+)\/)?get\/exported$/u, "active_energy_export", "W.h"],
  [/^pv\/(?:(?<id>\d+)\/)?get\/exported$/u, "active_energy", "W.h"],
  [/^bat\/(?:(?<id>\d+)\/)?get\/imported$/u, "charged_energy", "W.h"],
  [/^bat\/(?:(?<id>\d+)\/)?get\/exported$/u, "discharged_energy", "W.h"],
  [/^(?:bat|vehicle)\/(?:(?<id>\d+)\/)?get\/soc$/u, "state_of_charge", "%"],
  [/^vehicle\/(?<id>\d+)\/get\/(?<word>range)$/u, "distance", "km"],
  [/^chargepoint\/(?<id>\d+)\/get\/(?<word>plug_state|charge_state)$/u, "state", undefined, "flag"],
  [
    /^(?:counter|chargepoint|pv|bat|inverter)\/(?:(?<id>\d+)\/)?get\/(?<word>daily_imported|daily_exported|daily_yield)$/u,
    "energy_reading",
    "W.h",
  ],
];

/** `path`: the topic behind `openWB/`. Undefined where the family's documentation has no measurement. */
export function openwbMeaning(path: string): OpenwbMeaning | undefined {
  for (const [pattern, property, unit, reads] of [...version2, ...version1]) {
    const groups = pattern.exec(path)?.groups ?? (pattern.test(path) ? {} : undefined);
    if (groups === undefined) continue;
    const { phase, word } = groups;
    const channel = [phase === undefined ? undefined : `L${phase}`, word]
      .filter((part) => part !== undefined)
      .join("-");
    return {
      property,
      ...(unit !== undefined && { unit }),
      ...(reads !== undefined && { reads }),
      ...(channel !== "" && { channel }),
    };
  }
  return undefined;
}

/** Which part of a site speaks: `evu`, `lp/1`, `chargepoint/4`, `counter`; the device is that part. */
export function openwbDevice(path: string): string {
  const [kind = "", id] = path.split("/");
  return id !== undefined && /^\d{1,5}$/u.test(id) ? `${kind}/${id}` : kind;
}
