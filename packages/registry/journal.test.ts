import { expect, it } from "vitest";
import { createJournal } from "./journal.ts";
import { createMemoryDocuments } from "./memory.ts";

it("adopts no more devices than there is room for, and gives the others back", async () => {
  const journal = await createJournal(createMemoryDocuments(), 3);
  await journal.write((draft) => draft.put("operator", "lines", { id: "lines", name: "Lines" }));
  const buses = Array.from({ length: 5 }, (_, n) => ({
    device: { id: `hfp:${n}`, thing: `bus-${n}` },
    thing: { id: `bus-${n}`, name: `Bus ${n}`, domain: "transit" as const, operator: "lines" },
  }));
  expect(journal.adopt(buses)).toEqual(buses.slice(3));
  expect(journal.adopt(buses)).toEqual(buses.slice(3));
  expect(journal.state.device.size).toBe(3);
});
