import { randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import type { DeviceAndThing, Thing } from "@messnetz/model";
import { eventually, type Nats, startNats } from "@messnetz/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Registry } from "../port.ts";
import { describeAtNats } from "./describe-at-nats.fixture.ts";
import { createNatsRegistryPlace, type NatsRegistryPlace, startWire } from "./nats-registry.fixture.ts";
import type { NatsRegistryEvent } from "./nats-registry-event.ts";

const works = { id: "works", name: "Works" };
const thing = (id: string, more: Partial<Thing> = {}): Thing => ({
  id,
  name: id,
  domain: "water",
  operator: "works",
  ...more,
});
const bus = (id: string, operator = "works"): DeviceAndThing => ({
  device: { id: `hfp:${id}`, thing: `bus-${id}` },
  thing: thing(`bus-${id}`, { operator, domain: "transit" }),
});
const content = (registry: Registry) => ({
  operators: registry.operators(),
  things: registry.things({}),
  devices: registry.devices({}),
  tokens: registry.tokens(),
});

describeAtNats("the registry of several processes", (version) => {
  let nats: Nats;
  let place: NatsRegistryPlace;
  beforeAll(async () => {
    nats = await startNats({ version });
  });
  afterAll(async () => nats.stop());
  beforeEach(async () => {
    place = await createNatsRegistryPlace(nats);
  });
  afterEach(async () => place.dispose());

  async function openTwo(): Promise<readonly [Registry, Registry, NatsRegistryEvent[]]> {
    const events: NatsRegistryEvent[] = [];
    const one = await place.open();
    await one.putOperator(works);
    return [one, await place.open({ onEvent: (event) => void events.push(event) }), events];
  }

  const same = async (...registries: readonly Registry[]): Promise<void> => {
    await Promise.all(registries.map(async (registry) => registry.check()));
    for (const each of registries) expect(content(each)).toEqual(content(registries[0]!));
  };

  it("is followed change by change, without reading everything again", async () => {
    const [one, two, events] = await openTwo();
    const { version: before } = two;
    await one.putThing(thing("a"));
    one.adopt([bus("1")]);
    await one.flush();
    const { secret } = await one.issueCredential({ id: "gateway", operator: "works", topics: ["#"], adopt: [] });
    await eventually("the credential at the other", () => two.source("gateway") !== undefined);
    expect(two.authenticate("gateway", Buffer.from(secret))?.id).toBe("gateway");
    expect([two.thing("a")?.name, two.device("hfp:1")?.thing.id]).toEqual(["a", "bus-1"]);
    expect(two.version).toBe(before + 3);
    await one.removeThing("a");
    await eventually("the end of the thing", () => two.thing("a") === undefined);
    await same(one, two);
    expect(events).toEqual([]);
  });

  it("refuses nothing because of what it has not heard yet", async () => {
    const [one, two] = await openTwo();
    for (let n = 0; n < 20; n++) {
      await one.putThing(thing(`t${n}`));
      await two.putDevice({ id: `plain:${n}`, thing: `t${n}` });
      await one.removeThing(`t${n}`);
      await expect(two.putDevice({ id: `plain:${n}`, thing: `t${n}` })).rejects.toMatchObject({
        code: "unknown_thing",
      });
    }
    await same(one, two);
  });

  it("takes what several adopt and write at once, each once and all of it", async () => {
    const [one, two] = await openTwo();
    const all = [one, two, await place.open(), await place.open()];
    await Promise.all(
      all.map(async (registry, n) => {
        for (let round = 0; round < 15; round++) {
          registry.adopt([bus(`${n}-${round}`), bus(`shared-${round}`)]);
          await (round % 3 === 0 ? registry.putThing(thing(`own-${n}-${round}`)) : registry.flush());
        }
      }),
    );
    await same(...all, await place.open());
    expect([one.devices({}).length, one.things({}).length]).toEqual([4 * 15 + 15, 4 * 15 + 15 + 4 * 5]);
  });

  it("gives way with an adoption where another process was first, and keeps nothing of it", async () => {
    const wire = await startWire(nats);
    const [one] = await openTwo();
    const two = await place.open({ link: await place.connect(wire.url) });
    wire.cut();
    await eventually("the loss", async () =>
      two.check().then(
        () => false,
        () => true,
      ),
    );
    await one.putOperator({ id: "lines", name: "Lines" });
    await one.putThing(thing("taken", { operator: "lines" }));
    await one.putDevice({ id: "hfp:1", thing: "taken" });
    expect(two.adopt([bus("1"), bus("2")])).toEqual([]);
    wire.heal();
    await eventually(
      "the flush",
      async () =>
        two.flush().then(
          () => true,
          () => false,
        ),
      10_000,
    );
    expect(two.device("hfp:1")?.thing.operator).toBe("lines");
    expect([two.thing("bus-1"), two.device("hfp:2")?.thing.id]).toEqual([undefined, "bus-2"]);
    await same(one, two, await place.open());
    await two.close();
    await wire[Symbol.asyncDispose]();
  });

  it("imports ten thousand things at once: the other sees none of them, or all", async () => {
    const [one, two] = await openTwo();
    const seen = new Set<number>();
    const isDone = eventually(
      "all things",
      () => {
        seen.add(two.things({}).length);
        return seen.has(10_000);
      },
      30_000,
    );
    await one.apply(
      Array.from({ length: 10_000 }, (_, n) => ({
        kind: "put-thing",
        thing: thing(`t${n}`, { tags: ["x".repeat(60)] }),
      })),
    );
    await isDone;
    expect([...seen]).toEqual([0, 10_000]);
    await same(one, two, await place.open());
  }, 60_000);

  it("answers reads while NATS is away, refuses writes in time, and has what it missed when it is back", async () => {
    const wire = await startWire(nats);
    const [one, ,] = await openTwo();
    const events: NatsRegistryEvent[] = [];
    const link = await place.connect(wire.url);
    const two = await place.open({ link, writeTimeoutMs: 300, onEvent: (event) => void events.push(event) });
    await one.putThing(thing("before"));
    await eventually("the thing", () => two.thing("before"));
    wire.cut();
    const start = performance.now();
    await expect(two.putThing(thing("lost"))).rejects.toMatchObject({ code: "unwritable" });
    await expect(two.check()).rejects.toMatchObject({ code: "unwritable" });
    expect(performance.now() - start).toBeLessThan(5_000);
    expect([two.thing("before")?.id, two.thing("lost")]).toEqual(["before", undefined]);
    await one.putThing(thing("missed"));
    await one.removeThing("before");
    wire.heal();
    await eventually("what it missed", () => two.thing("missed") !== undefined && !two.thing("before"));
    await two.check();
    await two.putThing(thing("after"));
    await same(one, two);
    expect(events.filter(({ kind }) => kind === "reloaded")).toEqual([]);
    await two.close();
    await wire[Symbol.asyncDispose]();
  });

  it("loses none of its own writes over a wire that is cut again and again", async () => {
    const wire = await startWire(nats);
    const [one] = await openTwo();
    const two = await place.open({ link: await place.connect(wire.url), writeTimeoutMs: 15_000 });
    const names = Array.from({ length: 60 }, (_, n) => `t${n}`);
    for (const [n, id] of names.entries()) {
      if (n % 10 === 3) wire.cut();
      const written = two.putThing(thing(id));
      wire.heal();
      await written;
      expect(two.thing(id)?.id).toBe(id);
    }
    await same(one, two, await place.open());
    expect(two.things({})).toHaveLength(names.length);
    await two.close();
    await wire[Symbol.asyncDispose]();
  }, 60_000);

  it("settles its log into the bucket, and reads everything again where it missed what was settled", async () => {
    const wire = await startWire(nats);
    const events: NatsRegistryEvent[] = [];
    const missed: NatsRegistryEvent[] = [];
    const one = await place.open({ onEvent: (event) => void events.push(event) });
    await one.putOperator(works);
    const link = await place.connect(wire.url);
    const two = await place.open({ link, onEvent: (event) => void missed.push(event) });
    wire.cut();
    for (let n = 0; n < 300; n++) {
      await one.putThing(thing(`t${n % 100}`, { name: `${n}` }));
      if (n % 10 === 0) await one.removeThing(`t${n % 100}`);
    }
    await eventually("the settlement", () => events.some(({ kind }) => kind === "settled"));
    const direct = await place.connect();
    const { state } = await direct.manager.streams.info("REGISTRY");
    expect(state.messages).toBeLessThan(256);
    wire.heal();
    await eventually("everything again", () => missed.some(({ kind }) => kind === "reloaded"));
    await same(one, two, await place.open());
    expect(one.thing("t1")?.name).toBe("201");
    await two.close();
    await wire[Symbol.asyncDispose]();
  });

  it("settles as fast as it is written, one long change after the other", async () => {
    const [one] = await openTwo();
    const count = process.env["MESSNETZ_TRIALS"] === "full" ? 40 : 10; // of 2.2 MB
    for (let n = 0; n < count; n++) {
      await one.apply(
        Array.from({ length: 1_000 }, (_, at) => ({
          kind: "put-thing",
          thing: thing(`t${at}`, {
            name: `${n}`,
            tags: Array.from({ length: 32 }, (__, tag) => `${tag} ${"x".repeat(60)}`),
          }),
        })),
      );
    }
    const { state } = await (await place.connect()).manager.streams.info("REGISTRY");
    expect(state.bytes).toBeLessThan(16_000_000);
    await same(one, await place.open());
    expect(one.thing("t999")?.name).toBe(`${count - 1}`);
  }, 120_000);

  it("is settled by several at once without going back", async () => {
    const [one, two] = await openTwo();
    const three = await place.open();
    await Promise.all(
      [one, two, three].map(async (registry, who) => {
        for (let n = 0; n < 250; n++) await registry.putThing(thing(`t${n % 20}`, { name: `${who} ${n}` }));
      }),
    );
    await same(one, two, three);
    await Promise.all([one.close(), two.close()]);
    await same(three, await place.open());
    expect(three.things({})).toHaveLength(20);
  }, 60_000);

  it("says that its streams do not belong together", async () => {
    const [one] = await openTwo();
    for (let n = 0; n < 10; n++) await one.putThing(thing(`t${n}`));
    const link = await place.connect();
    await link.manager.streams.purge("REGISTRY", { seq: 5 });
    await expect(place.open()).rejects.toMatchObject({ code: "corrupt", message: expect.stringContaining("backup") });
  });

  it("says which message is none, and does not follow it", async () => {
    const [, two] = await openTwo();
    const link = await place.connect();
    await link.jetstream.publish("registry.v1.changes", "{}");
    await eventually("the refusal", async () =>
      two.check().then(
        () => false,
        (error: unknown) => error instanceof Error && /message \d+ of REGISTRY/.test(error.message),
      ),
    );
    await expect(two.putThing(thing("a"))).rejects.toMatchObject({ code: "corrupt" });
    await expect(place.open()).rejects.toMatchObject({ code: "corrupt" });
  });

  it("does not open without its own key, and never makes another one for it", async () => {
    await expect(place.open({ createKey: false })).rejects.toMatchObject({
      code: "key",
      message: expect.stringContaining("let one process make it"),
    });
    await (await place.open()).putOperator(works);
    const key = await readFile(place.keyFile);
    await rm(place.keyFile);
    await expect(place.open()).rejects.toMatchObject({ code: "key", message: expect.stringContaining("backup") });
    await writeFile(place.keyFile, randomBytes(32), { mode: 0o600 });
    await expect(place.open()).rejects.toMatchObject({
      code: "key",
      message: expect.stringContaining(place.keyFile),
    });
    await writeFile(place.keyFile, key);
    expect((await place.open({ createKey: false })).operator("works")).toEqual(works);
  });

  it("has one key although two processes make it at once", async () => {
    const [one, two] = await Promise.all([place.open(), place.open()]);
    await one.putOperator(works);
    const { token } = await one.issueToken({ name: "t", operator: "*", scopes: ["read"] });
    await eventually("the token", () => two.authorise(token));
    expect(two.authorise(token)?.name).toBe("t");
  });
});
