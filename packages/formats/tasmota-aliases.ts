/** A label of a meter script with a settled meaning. */
export interface MeterAlias {
  readonly property: string;
  readonly unit: string;
  readonly channel?: string;
  /** Unambiguous only with this part: `verbrauch` alone may be a power, `verbrauch_t1` is a register. */
  readonly only?: RegExp;
}

const tariff = /^(?:T\d|HT|NT)$/u;
const phase = /^L\d$/u;
/** A power by tariff is none: `Power_T1` is a register in one descriptor. */
const phaseOrNone = /^(?:L\d)?$/u;

const powerImport = { property: "active_power", channel: "import" };
const powerExport = { property: "active_power", channel: "export" };
const energyImport = { property: "active_energy_import" };
const energyExport = { property: "active_energy_export" };

/**
 * Labels of Tasmota's published meter descriptors (docs, "Smart Meter Descriptors") and their usual German forms, folded (see
 * `tasmota-labels.ts`), without phase and tariff. A unit at the end of the label stands as it is; without one a label is listed only
 * where meters and descriptors agree on it. `counter`, `leistung`, `verbrauch` or `power_sum` alone are not among them.
 */
export const meterAliases: ReadonlyMap<string, MeterAlias> = new Map<string, MeterAlias>([
  ...alias(
    { ...energyImport, unit: "kW.h" },
    "total energy total_in e_in ein energy_in en_in kwh_in in_kwh total_in_kwh power_total_in total_kwh kwh_total",
    "total_summe total_consumed total_consumed_kwh total_consumption consumption_total consumption_kwh",
    "consumed_kwh total_import energy_import import_kwh import_total_kwh total_import_kwh energy_sum",
    "energy_tot energy_forward counter_pos pos_kwh verbrauch_summe verbrauch_gesamt verbrauch_total",
    "verbrauch_kwh gesamtverbrauch gesamt_verbrauch gesamtverbrauch_kwh gesamtbezug gesamt_bezug",
    "bezug_summe bezug_gesamt bezug_total bezug_kwh bezug_energie energie_bezug energie_bezogen",
    "energiebezug netzbezug_kwh zaehlerstand_bezug zaehlerstand_verbrauch zaehlerstand_in",
    "wirkenergie_bezug strombezug_kwh import_active enrg_imp energy_imported total_energy_import tot_ene_imp",
    "pos_wirk pos_wirk_tariflos dj_tpwrin ec_counter_val",
  ),
  ...alias(
    { ...energyImport, unit: "kW.h", only: tariff },
    "verbrauch bezug consumption import kwh zaehlerstand tot_ene",
  ),
  // Both directions in one, as Eastron's meters have it.
  ...alias({ property: "active_energy", unit: "kW.h" }, "energy_total"),
  // Descriptors of EasyMeter Q1A and EMH ED300S; elsewhere a counter counts pulses.
  ...alias({ ...energyImport, unit: "kW.h", only: /^$/u }, "counter"),
  ...alias({ ...energyImport, unit: "W.h" }, "total_wh total_in_wh verbrauch_wh bezug_wh import_wh wh_in"),
  ...alias(
    { ...energyExport, unit: "kW.h" },
    "total_out e_out eout energy_out en_out kwh_out out_kwh total_out_kwh power_total_out total_delivered",
    "total_delivered_kwh delivered_kwh total_export energy_export export_kwh export_total_kwh",
    "total_export_kwh energy_tot_export energy_reverse energy_supply counter_neg total_feed feed_kwh",
    "total_generation einspeisung_summe einspeisung_gesamt einspeisung_total einspeisung_kwh",
    "gesamteinspeisung gesamt_einspeisung gesamteinspeisung_kwh netzeinspeisung_kwh energie_einspeisung",
    "energie_export energie_geliefert zaehlerstand_einspeisung zaehlerstand_out lieferung_summe",
    "lieferung_gesamt lieferung_kwh wirkenergie_lieferung neg_kwh export_active enrg_exp energy_exported",
    "total_energy_export tot_ene_exp neg_wirk neg_wirk_tariflos dj_tpwrout",
  ),
  ...alias({ ...energyExport, unit: "kW.h", only: tariff }, "einspeisung lieferung export supply"),
  ...alias({ ...energyExport, unit: "W.h" }, "total_out_wh einspeisung_wh export_wh wh_out"),
  ...alias(
    { property: "active_power", unit: "W", only: phaseOrNone },
    "power_curr power_cur power_current power_total power real_power p p_total curr_w current_w",
    "power_w w watt watts watt_summe watt_gesamt watt_total watt_sum leistung_w leistung_watt",
    "wirkleistung_w aktuelle_leistung_w verbrauch_w verbrauch_watt wirkleistung_summe current_consumption",
    "current_consumption_w active_power active_power_w momentanwirkleistung momentanverbrauch act_pow dj_tpwrcurr",
    "ec_power_val",
  ),
  ...alias({ property: "active_power", unit: "W", only: phase }, "leistung wirkleistung power_use"),
  ...alias(
    { property: "active_power", unit: "kW", only: phaseOrNone },
    "kw power_kw leistung_kw wirkleistung_kw current_kw",
  ),
  ...alias(
    { ...powerImport, unit: "W", only: phaseOrNone },
    "power_in p_in bezug_w bezug_watt import_w power_import p_import act_pow_imp",
  ),
  ...alias(
    { ...powerExport, unit: "W", only: phaseOrNone },
    "power_out p_out einspeisung_w einspeisung_watt export_w power_export p_export act_pow_exp",
  ),
  ...alias({ ...powerImport, unit: "kW", only: phaseOrNone }, "kw_in bezug_kw pwr_imp"),
  ...alias({ ...powerExport, unit: "kW", only: phaseOrNone }, "kw_out einspeisung_kw pwr_exp"),
  ...alias(
    { property: "reactive_power", unit: "V.A{reactive}", only: phaseOrNone },
    "power_var var reactive_power_var blindleistung_var power_reactive power_reactive_total",
  ),
  ...alias({ property: "reactive_power", channel: "import", unit: "kV.A{reactive}" }, "kvar_in"),
  ...alias({ property: "reactive_power", channel: "export", unit: "kV.A{reactive}" }, "kvar_out"),
  ...alias({ property: "reactive_energy_import", unit: "kV.A{reactive}.h" }, "kvarh_in nrg_reac_imp"),
  ...alias({ property: "reactive_energy_export", unit: "kV.A{reactive}.h" }, "kvarh_out nrg_reac_exp"),
  ...alias(
    { property: "apparent_power", unit: "V.A", only: phaseOrNone },
    "power_va va apparent_power_va scheinleistung_va power_apparent power_apparent_total",
  ),
  ...alias(
    { property: "voltage", unit: "V", only: phaseOrNone },
    "volt volts voltage spannung volt_curr voltage_v spannung_v volt_avg voltage_avg dj_vavg",
  ),
  ...alias({ property: "voltage", unit: "V", only: phase }, "u v vol"),
  ...alias(
    { property: "current", unit: "A", only: phaseOrNone },
    "amperage ampere amp amps amperage_curr curr_summ current_a strom_a strom_ampere current_total dj_csum",
  ),
  ...alias({ property: "current", unit: "A", only: phase }, "curr current strom i a cur"),
  ...alias({ property: "frequency", unit: "Hz", only: phaseOrNone }, "freq frequency frequenz hz freq_hz netzfrequenz"),
  ...alias(
    { property: "power_factor", unit: "1", only: phaseOrNone },
    "pf pfactor power_factor power_factor_total pow_fact cos_phi cosphi leistungsfaktor",
  ),
  ...alias({ property: "phase_angle", unit: "deg", only: phase }, "phase_angle phasenwinkel"),
]);

/** Labels that drivers of sensors and scripts of any kind use too. */
export const genericLabels: ReadonlySet<string> = new Set(
  (
    "total counter energy energy_sum energy_tot energy_total ein import consumption export total_consumed total_consumption consumption_total " +
    "total_summe total_delivered total_generation energy_supply current_consumption " +
    "power_current power_curr power_cur real_power p p_total w watt watts active_power var va u v i a " +
    "volt volts voltage spannung volt_curr volt_avg amperage ampere amp amps amperage_curr curr_summ curr current strom " +
    "freq frequency frequenz hz pf pfactor power_factor cos_phi cosphi leistungsfaktor phase_angle phasenwinkel"
  ).split(" "),
);

function alias(meaning: MeterAlias, ...labels: readonly string[]): [string, MeterAlias][] {
  return labels.flatMap((line) => line.split(" ")).map((label) => [label, meaning]);
}

/** A pulse counter of the meter interface, told by the name of its object. Descriptors scale it to cubic metres. */
export interface MediumMeter {
  readonly property: string;
  readonly unit: string;
  readonly labels: ReadonlySet<string>;
}

const cubicMetres = { unit: "m3", labels: new Set(["count", "m3", "total_m3", "volume", "volumen", "zaehlerstand"]) };

export const mediumMeters: ReadonlyMap<string, MediumMeter> = new Map<string, MediumMeter>([
  ...mediumMeter({ property: "gas_volume", ...cubicMetres }, "gas gaszaehler gas_meter"),
  ...mediumMeter({ property: "water_volume", ...cubicMetres }, "water wasser wasserzaehler h2o h20"),
]);

function mediumMeter(meter: MediumMeter, names: string): [string, MediumMeter][] {
  return names.split(" ").map((name) => [name, meter]);
}
