import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Device, Thing } from "@messnetz/model";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEmbeddedRegistry } from "./embedded.ts";
import type { Registry } from "./port.ts";

/** What the registry should hold, as plain maps. */
interface Expected {
  readonly things: Map<string, Thing>;
  readonly devices: Map<string, Device>;
  /** By thing that was removed: whose it was. */
  readonly owners: Map<string, string>;
}

/** Carries out what it does on both; gives what the registry answered and what it should have. */
type Action = (registry: Registry, expected: Expected) => Promise<readonly [came: unknown, expected: unknown]>;
const nothing = [undefined, undefined] as const;

const operators = ["works", "lines"];
const thingIds = ["a", "b", "c", "d"];
const deviceIds = ["plain:1", "plain:2", "hfp:3", "hfp:4"];
const anyThing = fc.record({
  id: fc.constantFrom(...thingIds),
  name: fc.string({ minLength: 1, maxLength: 5 }),
  domain: fc.constantFrom("water", "transit", "energy"),
  operator: fc.constantFrom(...operators),
});
const anyDevice = fc.record({ id: fc.constantFrom(...deviceIds), thing: fc.constantFrom(...thingIds) });

const putThing = anyThing.map((thing): Action => async (registry, { things, owners }) => {
  const done = await registry.putThing(thing).then(
    () => true,
    () => false,
  );
  const isFree = things.has(thing.id) || (owners.get(thing.id) ?? thing.operator) === thing.operator;
  if (done) things.set(thing.id, thing);
  return [done, isFree];
});

const removeThing = fc.constantFrom(...thingIds).map((id): Action => async (registry, { things, devices, owners }) => {
  await registry.removeThing(id);
  const removed = things.get(id);
  if (removed !== undefined) owners.set(id, removed.operator);
  things.delete(id);
  for (const device of devices.values()) if (device.thing === id) devices.delete(device.id);
  return nothing;
});

const putDevice = anyDevice.map((device): Action => async (registry, { things, devices }) => {
  const done = await registry.putDevice(device).then(
    () => true,
    () => false,
  );
  if (done) devices.set(device.id, device);
  return [done, things.has(device.thing)];
});

const adopt = fc.tuple(anyThing, anyDevice).map(([thing, { id }]): Action => async (registry, expected) => {
  const { things, devices, owners } = expected;
  const known = devices.get(id);
  const found = things.get(known?.thing ?? thing.id);
  const owner = found?.operator ?? owners.get(thing.id) ?? thing.operator;
  const isForeign = owner !== thing.operator;
  const each = { device: { id, thing: thing.id }, thing };
  if (found === undefined && !isForeign) things.set(thing.id, thing);
  if (known === undefined && !isForeign) devices.set(id, each.device);
  return [registry.adopt([each]), isForeign ? [each] : []];
});

const flush = fc.constant<Action>(async (registry) => {
  await registry.flush();
  return nothing;
});

describe("the embedded registry", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "messnetz-registry-"));
  });
  afterAll(async () => rm(folder, { recursive: true }));

  it("holds what plain maps would after any changes, and the same after opening again", async () => {
    let run = 0;
    const actions = fc.array(fc.oneof(putThing, removeThing, putDevice, adopt, flush), { maxLength: 25 });
    const numRuns = process.env["MESSNETZ_TRIALS"] === "full" ? 500 : 25;
    await fc.assert(
      fc.asyncProperty(actions, async (list) => {
        const dataDir = join(folder, String(run++));
        const expected: Expected = { things: new Map(), devices: new Map(), owners: new Map() };
        const registry = await openEmbeddedRegistry({ dataDir });
        await registry.apply(operators.map((id) => ({ kind: "put-operator", operator: { id, name: id } })));
        for (const action of list) {
          const [came, wanted] = await action(registry, expected);
          expect(came).toEqual(wanted);
        }
        const { things, devices } = expected;
        const holds = (opened: Registry) => ({
          things: new Map(opened.things({}).map((thing) => [thing.id, thing])),
          devices: new Map(opened.devices({}).map((device) => [device.id, device])),
        });
        expect(holds(registry)).toEqual({ things, devices });
        await registry.close();
        const again = await openEmbeddedRegistry({ dataDir });
        expect(holds(again)).toEqual({ things, devices });
        await again.close();
      }),
      { numRuns },
    );
  }, 180_000);
});
