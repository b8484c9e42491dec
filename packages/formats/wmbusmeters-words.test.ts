import { catalogue, convert, isChannel } from "@messnetz/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Medium, mediumOf } from "./wmbusmeters-quantities.ts";
import { measuredUnits } from "./wmbusmeters-units.ts";
import { fieldMeaning } from "./wmbusmeters-words.ts";

function meaning(field: string, medium: Medium) {
  const found = fieldMeaning(field, medium);
  if (typeof found === "string") return found;
  return `${found.property ?? ""}${found.channel === undefined ? "" : `.${found.channel}`} ${found.unit}`;
}

/** Its property is of the catalogue, its unit becomes the property's, its channel is one. */
function hasPlace(found: ReturnType<typeof fieldMeaning>): boolean {
  if (typeof found === "string") return true;
  const { property, channel, unit } = found;
  const canonical = property === undefined ? unit : (catalogue.get(property)?.unit ?? "no property");
  return (channel === undefined || isChannel(channel)) && convert(1, unit, canonical) !== undefined;
}

describe("fields of wmbusmeters", () => {
  it.each<[string, Medium, string]>([
    ["total_m3", "water", "water_volume m3"],
    ["total_m3", "gas", "gas_volume m3"],
    ["total_volume_m3", "heat", "volume m3"],
    ["total_tariff2_m3", "water", "water_volume.T2 m3"],
    ["total_forward_m3", "water", "water_volume.total_forward m3"],
    ["total_backwards_m3", "water", "reverse_volume m3"],
    ["consumption_3_months_ago_m3", "water", "volume_reading.consumption_3_months_ago m3"],
    ["volume_delta_2_m3", "water", "volume_reading.volume_delta_2 m3"],
    ["volume_flow_lh", "heat", "flow L/h"],
    ["total_kwh", "heat", "heat_energy kW.h"],
    ["total_energy_mj", "heat", "heat_energy MJ"],
    ["total_cooling_consumption_kwh", "heat", "cooling_energy kW.h"],
    ["total_energy_production_tariff_3_kwh", "electricity", "active_energy_export.T3 kW.h"],
    ["reactive_power_at_phase_2_kw", "electricity", "reactive_power.L2 kW"],
    ["total_reactive_energy_consumption_kvarh", "electricity", "reactive_energy_import kV.A{reactive}.h"],
    ["voltage_l1_l2_v", "electricity", "voltage.L1-L2 V"],
    ["battery_v", "electricity", "battery_voltage V"],
    ["voltage_v", "water", "battery_voltage V"],
    ["t1_temperature_c", "heat", "flow_temperature Cel"],
    ["return_f", "heat", "return_temperature [degF]"],
    ["return_max_c", "heat", "return_temperature.return_max Cel"],
    ["external_temperature_c", "heat", "temperature.external_temperature Cel"],
    ["difference_c", "heat", "temperature_difference K"],
    ["current_consumption_hca", "heat", "heat_cost_units {HCA}"],
    ["base_hca", "heat", "heat_cost_reading.base {HCA}"],
    ["on_time_h", "heat", "operating_time.on_time h"],
    ["actuality_duration_s", "gas", "duration.actuality_duration s"],
    ["access_counter", "water", "access_count {count}"],
    ["forward_energy_m3c", "heat", "volume_temperature.forward_energy m3.Cel"],
    ["total_energy_backward_kwh", "electricity", "active_energy_export kW.h"],
    ["total_heating_m3", "heat", "volume.total_heating m3"],
    ["duration_since_last_test_h", "other", "duration.duration_since_last_test h"],
    ["power_factor", "electricity", "power_factor 1"],
    ["total_kwh", "other", "energy_reading kW.h"],
    ["total_energy_consumption_kwh", "cooling", "cooling_energy kW.h"],
    ["power_kw", "cooling", "heat_power kW"],
    ["t2_temperature_c", "cooling", "return_temperature Cel"],
    ["positive_total_active_energy_kwh", "electricity", "active_energy_import kW.h"],
    ["negative_total_active_energy_kwh", "electricity", "active_energy_export kW.h"],
    ["negative_tariff2_reactive_energy_kvarh", "electricity", "reactive_energy_export.T2 kV.A{reactive}.h"],
    ["partial_negative_active_energy_kwh", "electricity", "energy_reading.partial_negative_active_energy kW.h"],
    ["total_net_reactive_energy_kvarh", "electricity", "reactive_energy.total_net_reactive_energy kV.A{reactive}.h"],
    ["total_reactive_energy_production_l2_kwh", "electricity", "reactive_energy_export.L2 kW.h"],
    ["total_apparent_energy_consumption_kwh", "electricity", "apparent_energy kW.h"],
    ["apparent_consumption_l1_kw", "electricity", "apparent_power.L1 kW"],
    ["reactive_consumption_kw", "electricity", "reactive_power kW"],
    ["three_phase_total_active_power_kw", "electricity", "active_power kW"],
    ["three_phase_power_factor", "electricity", "power_factor 1"],
    ["conversion_factor", "gas", "number.conversion 1"],
    ["voltage_l3_n_v", "electricity", "voltage.L3 V"],
    ["voltage_2_n_v", "electricity", "voltage.L2 V"],
    ["voltage_3_1_v", "electricity", "voltage.L3-L1 V"],
    ["current_n_a", "electricity", "current.N A"],
    ["phase_angle_power_l2_deg", "electricity", "phase_angle.L2 deg"],
    ["tilt_deg", "other", ".tilt deg"],
    ["flow_temp_c", "heat", "flow_temperature Cel"],
    ["temp_diff_k", "heat", "temperature_difference K"],
    ["total_water_backwards_m3", "water", "reverse_volume m3"],
  ])("%s of %s is %s", (field, medium, expected) => {
    expect(meaning(field, medium)).toBe(expected);
  });

  it.each(
    (
      "target_m3 subunit1_target_m3 due_date_m3 prev_1_month_kwh previous_hca last_year_kwh min_flow_m3h target_date " +
      "total_energy_consumption_last_month_kwh consumption_at_set_date_3_hca manufacture_y volume_at_last_due_date_m3 total_at_date_m3 on_time_at_error_h meter_datetime"
    ).split(" "),
  )("%s is not measured now", (field) => {
    expect(meaning(field, "water")).toBe("not of now");
  });

  it("does not guess what a suffix means that wmbusmeters does not have", () => {
    for (const field of "total_gal serial_number total_mwh amount_mol energy_m3ch x_ct x_bool x_kvahr".split(" ")) {
      expect(meaning(field, "water")).toBe("unknown unit");
    }
  });

  it("has a difference in kelvin, never in degrees of a scale", () => {
    expect(meaning("difference_k", "heat")).toBe("temperature_difference K");
    expect(meaning("difference_f", "heat")).toBe("unknown unit");
    expect(meaning("temperature_diff_f", "heat")).toBe("unknown unit");
  });

  // Each end of a unit is a unit of its own: only the whole suffix tells it.
  it.each([
    ["x_kvarh", "reactive_energy.x kV.A{reactive}.h"],
    ["x_kvah", "apparent_energy.x kV.A.h"],
    ["x_m3h", "flow.x m3/h"],
    ["x_lh", "flow.x L/h"],
    ["x_rh", "relative_humidity.x %"],
    ["x_h", "duration.x h"],
    ["x_hz", "frequency.x Hz"],
    ["x_m3c", "volume_temperature.x m3.Cel"],
    ["x_c", "temperature.x Cel"],
    ["x_pa", "pressure.x Pa"],
    ["x_a", "current.x A"],
    ["x_dbm", "rssi.x dB[mW]"],
    ["x_m", "distance.x m"],
  ])("reads the whole suffix of %s", (field, expected) => {
    expect(meaning(field, "other")).toBe(expected);
  });

  it.each(["at_datetime", "at_date", "at_time", "at_utc", "at_ut", "at_lt", "at_txt"])(
    "%s is no measurement",
    (field) => {
      expect(meaning(field, "water")).toBe("not of now");
    },
  );

  it("knows only properties of the catalogue, in units that become theirs, and channels that are ones", () => {
    const suffixes = [...measuredUnits.keys()];
    const words = "total volume energy flow power production cooling phase_1 tariff_2 temperature battery error co2 ä";
    const word = fc.constantFrom(...words.split(" "));
    const medium = fc.constantFrom<Medium>("water", "gas", "electricity", "heat", "cooling", "other");
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), fc.constantFrom(...suffixes), medium, (...field) => {
        const [parts, suffix, of] = field;
        expect(hasPlace(fieldMeaning([...parts, suffix].join("_"), of))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["cold water", "x", "water"],
    ["heat/cooling load", "x", "heat"],
    ["cooling load volume at outlet", "x", "cooling"],
    ["heat volume at inlet", "x", "heat"],
    ["valve (gas or water)", "x", "other"],
    ["radio converter (meter side)", "qheatv2", "heat"],
    ["bus/system component", "gwfwater", "water"],
    ["gas detector", "x", "other"],
    ["room sensor", "lansenth", "other"],
    [undefined, undefined, "other"],
  ])("medium %s of driver %s is %s", (media, driver, expected) => {
    expect(mediumOf(media, driver)).toBe(expected);
  });
});
