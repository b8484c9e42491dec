import type { Thing } from "@messnetz/model";
import { type Nats, startNats } from "@messnetz/testing";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RegistryError } from "../error.ts";
import type { Registry } from "../port.ts";
import { describeAtNats } from "./describe-at-nats.fixture.ts";
import { createNatsRegistryPlace } from "./nats-registry.fixture.ts";

const operators = ["works", "lines"];
const ids = ["a", "b", "c"];
const anyThing: fc.Arbitrary<Thing> = fc.record({
  id: fc.constantFrom(...ids),
  name: fc.string({ minLength: 1, maxLength: 5 }),
  domain: fc.constantFrom("water" as const, "transit" as const),
  operator: fc.constantFrom(...operators),
});
const anyDevice = fc.record({ id: fc.constantFrom("plain:1", "hfp:ä/2", "hfp:3"), thing: fc.constantFrom(...ids) });

type Action = (registry: Registry) => Promise<unknown>;
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  anyThing.map(
    (thing): Action =>
      async (registry) =>
        registry.putThing(thing),
  ),
  fc.constantFrom(...ids).map(
    (id): Action =>
      async (registry) =>
        registry.removeThing(id),
  ),
  anyDevice.map(
    (device): Action =>
      async (registry) =>
        registry.putDevice(device),
  ),
  fc.tuple(anyThing, anyDevice).map(([thing, { id }]): Action => async (registry) => {
    registry.adopt([{ device: { id, thing: thing.id }, thing }]);
  }),
  fc.constant<Action>(async (registry) => registry.flush()),
);
/** Each process does its own actions one after the other, all processes at once. */
const anyScripts = fc.array(fc.array(anyAction, { maxLength: 10 }), { minLength: 2, maxLength: 3 });

const content = (registry: Registry) => ({
  things: registry.things({}),
  devices: registry.devices({}),
  tombstones: ids.map((id) => registry.tombstone(id)),
});

describeAtNats("the registry of processes that do what they like", (version) => {
  let nats: Nats;
  beforeAll(async () => {
    nats = await startNats({ version });
  });
  afterAll(async () => nats.stop());

  it("is the same in each process, and to who opens it, after whatever they did at once", async () => {
    const numRuns = process.env["MESSNETZ_TRIALS"] === "full" ? 300 : 10;
    await fc.assert(
      fc.asyncProperty(anyScripts, async (scripts) => {
        const place = await createNatsRegistryPlace(nats);
        try {
          const first = await place.open();
          await first.apply(operators.map((id) => ({ kind: "put-operator", operator: { id, name: id } })));
          const registries = await Promise.all(scripts.map(async () => place.open()));
          await Promise.all(
            scripts.map(async (script, n) => {
              for (const action of script) await action(registries[n]!).catch(refused);
              await registries[n]!.flush();
            }),
          );
          const all = [first, ...registries, await place.open()];
          await Promise.all(all.map(async (registry) => registry.check()));
          for (const each of all) expect(content(each)).toEqual(content(all.at(-1)!));
          for (const { thing } of first.devices({})) expect(first.thing(thing)).toBeDefined();
        } finally {
          await place.dispose();
        }
      }),
      { numRuns },
    );
  }, 300_000);
});

/** Things that another operator had, and devices without a thing, are refused; nothing else is. */
function refused(error: unknown): void {
  if (!(error instanceof RegistryError) || !["exists", "unknown_thing"].includes(error.code)) throw error;
}
