import { catalogue, convert } from "@messnetz/model";
import { describe, expect, it } from "vitest";
import { componentReadings } from "./shelly-components.ts";
import { componentFields } from "./shelly-fields.ts";

describe("components of Shelly devices", () => {
  const fields = [...componentFields].flatMap(([component, list]) => list.map((field) => ({ component, ...field })));

  it.each(fields.filter(({ unit }) => unit !== undefined))(
    "$component $path: $property is of the catalogue, in a unit that becomes its own",
    ({ property = "", unit = "" }) => {
      expect(convert(1, unit, catalogue.get(property)?.unit ?? "no property")).toBeDefined();
    },
  );

  it("without a unit measure words, or what only the registry can explain", () => {
    const known = fields.filter(({ unit, property }) => unit === undefined && property !== undefined);
    expect(known.map(({ property = "" }) => catalogue.get(property)?.kind)).toEqual(known.map(() => "state"));
  });

  it("keep the outputs of one device apart, and power and energy of one clamp together", () => {
    const series = (name: string, status: Record<string, unknown>) =>
      [...componentReadings(name, status, { device: "shelly:x" })].map(
        ({ property, channel }) => `${property}.${channel}`,
      );
    expect(series("switch:3", { output: true })).toEqual(["switch_state.switch-3"]);
    expect(series("em1:2", { act_power: 1 })).toEqual(["active_power.em1-2"]);
    expect(series("em1data:2", { total_act_energy: 1 })).toEqual(["active_energy_import.em1-2"]);
    expect(series("em:1", { a_act_power: 1, total_act_power: 1 })).toEqual([
      "active_power.em-1-L1",
      "active_power.em-1",
    ]);
  });

  it("that are not known measure nothing", () => {
    expect([...componentReadings("script:1", { running: true, mem_used: 5 }, { device: "shelly:x" })]).toEqual([]);
  });
});
