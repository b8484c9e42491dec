import { describe, expect, it } from "vitest";
import { deviceIdSchema, deviceSchema, operatorSchema, pointSchema, thingIdSchema, thingSchema } from "./thing.ts";

const accepts = (schema: { safeParse: (value: unknown) => { success: boolean } }, value: unknown): boolean =>
  schema.safeParse(value).success;

describe("thing", () => {
  const gauge = { id: "gauge-1", name: "Brücke", domain: "water", operator: "stadtwerke" };

  it("needs no more than id, name, domain and operator", () => {
    expect(thingSchema.parse(gauge)).toEqual(gauge);
  });

  it.each([
    ["a word that nobody defined", { ...gauge, colour: "red" }],
    ["another domain", { ...gauge, domain: "health" }],
    ["an empty name", { ...gauge, name: "" }],
    ["a null", { ...gauge, location: null }],
  ])("refuses %s", (_what, thing) => {
    expect(accepts(thingSchema, thing)).toBe(false);
  });

  it("has an id that can stand in a URL, a file name and before a datastream's / and .", () => {
    expect(["gauge-1", "lorawan:24e1", "A", "x".repeat(64)].filter((id) => !accepts(thingIdSchema, id))).toEqual([]);
    expect(
      ["", "a/b", "a.b", "-a", "ä", "a b", "../x", "x".repeat(65)].filter((id) => accepts(thingIdSchema, id)),
    ).toEqual([]);
  });

  it("stands at longitude and latitude, in this order", () => {
    expect(accepts(pointSchema, { type: "Point", coordinates: [13.4, 52.5] })).toBe(true);
    expect(accepts(pointSchema, { type: "Point", coordinates: [170, -45, 12] })).toBe(true);
    expect(accepts(pointSchema, { type: "Point", coordinates: [52.5, 113.4] })).toBe(false);
    expect(accepts(pointSchema, { type: "Point", coordinates: [181, 0] })).toBe(false);
    expect(accepts(pointSchema, { type: "Point", coordinates: [1] })).toBe(false);
  });

  it("belongs to an operator of lower case letters, digits and -", () => {
    expect(accepts(operatorSchema, "stadtwerke-1")).toBe(true);
    expect(["", "Stadt", "a b", "-a", "a".repeat(64)].filter((id) => accepts(operatorSchema, id))).toEqual([]);
  });
});

describe("device", () => {
  it("is known by scheme and id", () => {
    expect(
      ["lorawan:24e124136b502217", "wmbus:12345678", "hfp:22/1234"].filter((id) => !accepts(deviceIdSchema, id)),
    ).toEqual([]);
    expect(
      ["12345678", ":1", "wmbus:", "WMBUS:1", "wmbus:1 2", `x:${"1".repeat(121)}`].filter((id) =>
        accepts(deviceIdSchema, id),
      ),
    ).toEqual([]);
  });

  it("says with fields what its words mean", () => {
    const device = { id: "mqtt:x", thing: "gauge-1", fields: { lvl: { property: "water_level", unit: "cm" } } };
    expect(deviceSchema.parse(device)).toEqual(device);
    expect(accepts(deviceSchema, { ...device, fields: { lvl: { property: "Water Level" } } })).toBe(false);
  });
});
