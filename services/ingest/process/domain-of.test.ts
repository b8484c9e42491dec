import type { Thing } from "@messnetz/model";
import { anIntakeMessage, anObservation } from "@messnetz/testing";
import { expect, test } from "vitest";
import { createDomainOf } from "./domain-of.ts";

test("the domain of a message is that of its thing as the registry has it now, else of its device, else the fallback", () => {
  const things = new Map<string, Thing>();
  const directory = {
    version: 1,
    thing: (id: string) => things.get(id),
    device: () => undefined,
  };
  const domainOf = createDomainOf(directory, "energy");
  const measured = anIntakeMessage({ observations: [anObservation({ datastream: "weir-1/water_level" })] });
  const put = (domain: Thing["domain"]): void => {
    things.set("weir-1", { id: "weir-1", name: "Weir", domain, operator: "waterworks" });
    directory.version++;
  };
  expect(domainOf(measured)).toBe("energy");
  put("water");
  expect(domainOf(measured)).toBe("water");
  put("wastewater");
  expect(domainOf(measured)).toBe("wastewater");
  expect(domainOf(anIntakeMessage({ observations: [] }))).toBe("energy");
  expect(createDomainOf(directory, undefined)(anIntakeMessage({ observations: [] }))).toBe("other");
});
