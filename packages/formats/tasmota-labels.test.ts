import { catalogue, convert, isChannel } from "@messnetz/model";
import { describe, expect, it } from "vitest";
import { genericLabels, mediumMeters, meterAliases } from "./tasmota-aliases.ts";
import { createLabelReader } from "./tasmota-labels.ts";

function meaning(label: string, meter = "SML", siblings: Record<string, number> = {}) {
  const found = createLabelReader(meter, { [label]: 1, ...siblings })(label);
  return found && [found.property, found.channel ?? "", found.unit].join(" ");
}

describe("labels of a Tasmota meter script", () => {
  it.each([
    ["Verbrauch_Summe", "active_energy_import  kW.h"],
    ["energy", "active_energy_import  kW.h"],
    ["kvarh_OUT_T1", "reactive_energy_export T1 kV.A{reactive}.h"],
    ["Verbrauch_T2", "active_energy_import T2 kW.h"],
    ["E_inNT", "active_energy_import NT kW.h"],
    ["HT_Total_in", "active_energy_import HT kW.h"],
    ["total_wh", "active_energy_import  W.h"],
    ["Einspeisung_Summe", "active_energy_export  kW.h"],
    ["export_total_kwh", "active_energy_export  kW.h"],
    ["Watt_Summe", "active_power  W"],
    ["Power_L1_curr", "active_power L1 W"],
    ["P_L3", "active_power L3 W"],
    ["kW_L2", "active_power L2 kW"],
    ["power_out", "active_power export W"],
    ["Volt_p2", "voltage L2 V"],
    ["Spannung_L3", "voltage L3 V"],
    ["amp_p1", "current L1 A"],
    ["Strom_L2", "current L2 A"],
    ["frequency", "frequency  Hz"],
    ["phase_angle_p1", "phase_angle L1 deg"],
    ["1-0:2.8.0*255", "active_energy_export  kW.h"],
    ["ELZ_PV_1.8.0", "active_energy_import  kW.h"],
    ["z16_7_0", "active_power  W"],
    ["52_7_0", "voltage L2 V"],
    ["DJ_TPWRIN", "active_energy_import  kW.h"],
    ["ExportActive", "active_energy_export  kW.h"],
    ["TotEneT2", "active_energy_import T2 kW.h"],
    ["neg_wirk_tarif_2", "active_energy_export T2 kW.h"],
    ["energy_total", "active_energy  kW.h"],
    ["Counter", "active_energy_import  kW.h"],
    ["pwr_imp", "active_power import kW"],
    ["power_export", "active_power export W"],
    ["P_L1_L2_L3", "active_power  W"],
    ["kW_L1+L2+L3", "active_power  kW"],
    ["L2Spannung", "voltage L2 V"],
    ["VolL1", "voltage L1 V"],
    ["Voltage_L3-N", "voltage L3 V"],
    ["power_apparent_phase2", "apparent_power L2 V.A"],
  ])("%s is %s", (label, expected) => {
    expect(meaning(label)).toBe(expected);
  });

  it.each(["Verbrauch", "Einspeisung", "Leistung", "Strom", "Power_T1", "Power_Sum", "L4", "81_7_1", ""])(
    "%s alone is understood by its installer only",
    (label) => {
      expect(meaning(label)).toBeUndefined();
    },
  );

  it.each([
    ["Power_L2", "SBC", {}, "active_power SBC-L2 kW"],
    ["Power_Total", "SBC", {}, "active_power SBC kW"],
    ["L1_P", "", { L1_TE: 12 }, "active_power L1 kW"],
    ["L1_P", "", { Total_in: 12 }, "active_power L1 W"],
    ["TRE", "", {}, "active_energy_export  kW.h"],
    ["Power_Sum", "Power", { Power_Use_Sum: 120 }, "active_energy_import Power kW.h"],
    ["HP_T2", "Pump", { HP_Use_Sum: 120 }, "active_energy_import Pump-T2 kW.h"],
    ["zaehler_a-", "OBIS", {}, "active_energy_export  kW.h"],
    ["Supply_t2", "ENERGY", {}, "active_energy_export T2 kW.h"],
    ["Ei2", "z", { Pi: 0.4 }, "active_energy_import z-T2 kW.h"],
    ["Eo", "", { Ei: 12 }, "active_energy_export  kW.h"],
    ["Power_B", "SML", { Power_C: 4 }, "active_power L2 W"],
    ["w_total", "WAERME", {}, "heat_energy WAERME kW.h"],
    ["HeatEnergyE1", "KSMC403", {}, "heat_energy KSMC403 MW.h"],
    ["current", "LK13BE", {}, "active_power LK13BE W"],
  ])("reads %s of %s as its published descriptor has it", (label, meter, siblings, expected) => {
    expect(meaning(label, meter, siblings)).toBe(expected);
  });

  it.each([
    ["1_8_0", "SM", {}],
    ["36-7-0", "data", {}],
    ["Pi", "z", { Ei: 12 }],
    ["I1", "z", { Ei: 12 }],
    ["Phase_1_Voltage", "mod1", { Vltg_SF: 65_535 }],
    ["volt_l1", "OBIS", { "zaehler_a+": 12 }],
    ["cosPhi", "Stromzähler", { P_Faktor: 0.9 }],
  ])("does not read %s of %s, where published descriptors differ or the number is raw", (label, meter, siblings) => {
    expect(meaning(label, meter, siblings)).toBeUndefined();
  });

  it("takes L1 to L3 for watts only beside the sum P, as the published descriptors have it", () => {
    expect(meaning("L2", "SML", { P: 10, L2: 4 })).toBe("active_power L2 W");
    expect(meaning("L2", "SML", { E_in: 10, L2: 4 })).toBeUndefined();
  });

  it.each(["Energy", "Total", "counter", "Voltage", "Amps", "P", "Frequency", "power_factor", "Consumption_total"])(
    "takes %s for a meter's only beside what nothing but a meter has",
    (label) => {
      expect(meaning(label, "Regen")).toBeUndefined();
      expect(meaning(label, "Regen", { "1_8_0": 5 })).toBeDefined();
      expect(meaning(label, "Keller", { Total_in: 5 })).toBeDefined();
      expect(meaning(label, "Stromzähler")).toBeDefined();
      expect(meaning(label, "")).toBeUndefined();
    },
  );

  it.each(["AS3935", "RG-15", "LD2410", "Wooliis", "INA219-1", "MAX17043"])("never reads a label of %s", (driver) => {
    expect(meaning("Energy", driver, { Total_in: 5, "1_8_0": 3 })).toBeUndefined();
  });

  it("has no generic label that is no alias", () => {
    const bare = [...genericLabels].filter((label) => !meterAliases.has(label));
    expect(bare).toEqual([]);
  });

  it("keeps two meters of one device apart by their names", () => {
    expect(meaning("Total_in", "Wärme pumpe")).toBe("active_energy_import W_rme_pumpe kW.h");
    expect(meaning("Volt_L1", "MT175")).toBe("voltage MT175-L1 V");
  });

  it("reads a pulse counter by the name of its meter", () => {
    expect(meaning("Count", "Gas")).toBe("gas_volume  m3");
    expect(meaning("Count", "Wasser")).toBe("water_volume  m3");
    expect(meaning("Count", "C1")).toBeUndefined();
  });

  it("knows only properties of the catalogue, in units that become theirs", () => {
    for (const [label, { property, unit, channel }] of [...meterAliases, ...mediumMeters].map(
      ([word, known]) => [word, { channel: undefined, ...known }] as const,
    )) {
      const canonical = catalogue.get(property)?.unit;
      expect(canonical && convert(1, unit, canonical), `${label}: ${property} in ${unit}`).toBeDefined();
      expect(channel === undefined || isChannel(channel)).toBe(true);
    }
  });
});
