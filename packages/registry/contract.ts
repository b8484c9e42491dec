import {
  catalogue,
  type DatastreamSettings,
  type DeviceAndThing,
  type EpochMs,
  type ObservedProperty,
  type Source,
  type Thing,
} from "@messnetz/model";
import { afterEach, describe, expect, it } from "vitest";
import { RegistryError, type RegistryErrorCode } from "./error.ts";
import type { Principal, Registry, ThingQuery, TokenRequest } from "./port.ts";

/** One place where a registry is durable. */
export interface RegistryPlace {
  /** Opens the registry of this place; again after a close it holds what was written. */
  open(now: () => EpochMs): Promise<Registry>;
  dispose(): Promise<void>;
}

const start: EpochMs = Date.UTC(2026, 0, 1);
const thing = (id: string, more: Partial<Thing> = {}): Thing => ({
  id,
  name: `Thing ${id}`,
  domain: "water",
  operator: "works",
  ...more,
});
const source = (id: string, more: Partial<Source> = {}): Source => ({
  id,
  operator: "works",
  topics: ["#"],
  adopt: [],
  ...more,
});
const bus = (operator: string, number: number): DeviceAndThing => ({
  device: { id: `hfp:0018/${number}`, thing: `bus-${number}` },
  thing: thing(`bus-${number}`, { domain: "transit", operator }),
});
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const codeOf = async (action: Promise<unknown>): Promise<RegistryErrorCode | undefined> =>
  action.then(
    () => undefined,
    (error: unknown) => (error instanceof RegistryError ? error.code : undefined),
  );

/** What every adapter of the registry must do. */
export function describeRegistry(name: string, makePlace: () => Promise<RegistryPlace>): void {
  describe(`registry: ${name}`, () => {
    let time = start;
    const closers: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
    });

    async function openPlace(): Promise<{ registry: Registry; reopen: () => Promise<Registry> }> {
      time = start;
      const place = await makePlace();
      closers.push(async () => place.dispose());
      const open = async (): Promise<Registry> => {
        const registry = await place.open(() => time);
        closers.push(async () => registry.close());
        return registry;
      };
      const registry = await open();
      await registry.apply([
        { kind: "put-operator", operator: { id: "works", name: "Works" } },
        { kind: "put-operator", operator: { id: "lines", name: "Lines" } },
      ]);
      return {
        registry,
        reopen: async () => {
          await registry.close();
          return open();
        },
      };
    }

    describe("things and devices", () => {
      it("are there after opening again", async () => {
        const { registry, reopen } = await openPlace();
        const gauge = thing("gauge", { location: { type: "Point", coordinates: [9.9, 51.5] }, tags: ["river"] });
        await registry.putThing(gauge);
        await registry.putDevice({
          id: "lorawan:24e1",
          thing: "gauge",
          fields: { lvl: { property: "level", unit: "m" } },
        });
        const again = await reopen();
        expect(again.things({})).toEqual([gauge]);
        expect(again.device("lorawan:24e1")).toEqual({ device: registry.devices({})[0], thing: gauge });
        expect(again.operators().map((operator) => operator.id)).toEqual(["lines", "works"]);
      });

      it("are found however the device id is written", async () => {
        const { registry } = await openPlace();
        await registry.putThing(thing("a"));
        await registry.putDevice({ id: "lorawan:24-E1-24-13-6B-50-22-17", thing: "a" });
        for (const id of ["lorawan:24e124136b502217", "LoRaWAN:24:E1:24:13:6B:50:22:17"]) {
          expect(registry.device(id)?.device.id).toBe("lorawan:24e124136b502217");
        }
        expect(registry.devices({}).map((device) => device.id)).toEqual(["lorawan:24e124136b502217"]);
        await registry.removeDevice("LORAWAN:24E124136B502217");
        expect(registry.device("lorawan:24e124136b502217")).toBeUndefined();
      });

      it("take their devices with them when they go", async () => {
        const { registry, reopen } = await openPlace();
        await registry.putThing(thing("a"));
        await registry.putDevice({ id: "plain:x", thing: "a" });
        await registry.removeThing("a");
        expect([registry.thing("a"), registry.device("plain:x")]).toEqual([undefined, undefined]);
        expect((await reopen()).devices({})).toEqual([]);
      });

      it("leave their id to their operator when they go: what was measured there does not get another owner", async () => {
        const { registry, reopen } = await openPlace();
        await registry.putThing(thing("a"));
        expect(registry.tombstone("a")).toBeUndefined();
        await registry.removeThing("a");
        for (const open of [async () => registry, reopen]) {
          const each = await open();
          expect(each.tombstone("a")).toEqual({ operator: "works", domain: "water" });
          expect(await codeOf(each.putThing(thing("a", { operator: "lines" })))).toBe("exists");
          const taking = { device: { id: "plain:x", thing: "a" }, thing: thing("a", { operator: "lines" }) };
          expect(each.adopt([taking])).toEqual([taking]);
          expect([each.thing("a"), each.device("plain:x")]).toEqual([undefined, undefined]);
        }
      });

      it("cannot be freed and taken by another operator in one change", async () => {
        const { registry } = await openPlace();
        await registry.putThing(thing("a"));
        const stolen = [
          { kind: "remove-thing", id: "a" },
          { kind: "put-thing", thing: thing("a", { operator: "lines" }) },
        ] as const;
        expect(await codeOf(registry.apply(stolen))).toBe("exists");
        expect(registry.thing("a")?.operator).toBe("works");
      });

      it("come back to their operator, who may be given another one then", async () => {
        const { registry, reopen } = await openPlace();
        await registry.putThing(thing("a"));
        await registry.removeThing("a");
        await registry.putThing(thing("a"));
        expect(registry.tombstone("a")).toBeUndefined();
        await registry.putThing(thing("a", { operator: "lines" }));
        await registry.removeThing("a");
        const again = await reopen();
        expect(again.tombstone("a")?.operator).toBe("lines");
        expect(await codeOf(again.putThing(thing("a")))).toBe("exists");
        expect(
          again.adopt([{ device: { id: "plain:x", thing: "a" }, thing: thing("a", { operator: "lines" }) }]),
        ).toEqual([]);
        expect(again.device("plain:x")?.thing.operator).toBe("lines");
      });

      it("keep what was set of their datastreams, until the thing goes", async () => {
        const { registry, reopen } = await openPlace();
        await registry.apply([
          { kind: "put-thing", thing: thing("a") },
          { kind: "put-thing", thing: thing("ab") },
        ]);
        const of = (id: string, more: Partial<DatastreamSettings> = {}) =>
          ({ kind: "put-datastream", datastream: { id, ...more } }) as const;
        const settings = {
          id: "a/active_energy.L1",
          public: true,
          rhythmMs: 900_000,
          mean: "held",
          register: { modulus: 100_000, resolution: 0.1, maxPerHour: 50 },
          exchanges: [{ at: start, end: 812.5, start: 0 }],
        } as const satisfies object;
        const { id, ...more } = structuredClone(settings) as unknown as DatastreamSettings;
        await registry.apply([of("ab/water_level"), of(id, more), of("a/water_level")]);
        for (const open of [async () => registry, reopen]) {
          const each = await open();
          expect(each.datastream(id)).toEqual(settings);
          expect(each.datastreams().map((one) => one.id)).toEqual([id, "a/water_level", "ab/water_level"]);
          expect(each.publicDatastreams()).toEqual([settings]);
        }
        const again = await reopen();
        await again.apply([{ kind: "remove-datastream", id: "a/water_level" }]);
        expect(again.datastream("a/water_level")).toBeUndefined();
        await again.removeThing("a");
        await again.putThing(thing("a"));
        expect(again.datastreams().map((one) => one.id)).toEqual(["ab/water_level"]);
      });

      it("are public no longer when they are given to another operator, who keeps what else was set", async () => {
        const { registry, reopen } = await openPlace();
        const datastream = { id: "a/water_level", public: true, rhythmMs: 60_000 };
        await registry.apply([
          { kind: "put-thing", thing: thing("a") },
          { kind: "put-datastream", datastream },
          { kind: "put-thing", thing: thing("a", { name: "Another name" }) },
        ]);
        expect(registry.datastream("a/water_level")?.public).toBe(true);
        await registry.putThing(thing("a", { operator: "lines" }));
        expect((await reopen()).datastream("a/water_level")).toEqual({ id: "a/water_level", rhythmMs: 60_000 });
      });

      it("have settings of a datastream only where thing and settings are sound", async () => {
        const { registry } = await openPlace();
        await registry.putThing(thing("a"));
        const put = async (datastream: DatastreamSettings) =>
          codeOf(registry.apply([{ kind: "put-datastream", datastream }]));
        expect(await put({ id: "b/water_level" })).toBe("unknown_thing");
        const exchange = { at: start, end: 1, start: 0 };
        for (const wrong of [
          { id: "a" },
          { id: "a/Water Level" },
          { id: "a/b", rhythmMs: 0 },
          { id: "a/b", register: { modulus: 0 } },
          { id: "a/b", exchanges: [exchange, exchange] },
        ])
          expect(await put(wrong)).toBe("invalid");
        expect(registry.datastreams()).toEqual([]);
      });

      it("have observed properties of a town's own, whose unit, kind and words stay, in the catalogue of the process", async () => {
        const { registry, reopen } = await openPlace();
        // The catalogue of this process keeps what other places have accepted.
        const place = name.toLowerCase().replaceAll(/[^a-z0-9]/g, "_");
        const foam: ObservedProperty = {
          key: `foam_${place}`,
          name: { en: "Foam", de: "Schaum" },
          unit: "mm",
          kind: "gauge",
          domains: ["water"],
        };
        const gate: ObservedProperty = { ...foam, key: `gate_${place}`, unit: "1", kind: "state", states: ["open"] };
        const accept = async (property: ObservedProperty) =>
          codeOf(registry.apply([{ kind: "accept-property", property }]));
        expect([await accept(foam), await accept(gate)]).toEqual([undefined, undefined]);
        const { version } = registry;
        expect(await accept(foam)).toBeUndefined();
        expect(registry.version).toBe(version);
        for (const wrong of [
          { ...foam, unit: "cm" },
          { ...foam, kind: "amount" as const },
          { ...gate, states: ["shut"] },
          { ...gate, states: undefined, range: { min: 0, max: 1, source: "flag" } },
          { ...foam, key: "water_level" },
          { ...foam, key: `other_${place}`, unit: "fathoms" },
        ])
          expect(await accept(wrong)).toBe("invalid");
        const renamed = { ...foam, name: { en: "Froth", de: "Schaum" } };
        expect(await accept(renamed)).toBeUndefined();
        expect(await accept({ ...gate, states: ["open", "shut"] })).toBeUndefined();
        for (const each of [registry, await reopen()]) {
          expect(each.ownProperties()).toEqual([renamed, { ...gate, states: ["open", "shut"] }]);
        }
        expect(catalogue.get(foam.key)).toEqual(renamed);
      });

      it("need an operator and a thing that are registered", async () => {
        const { registry } = await openPlace();
        expect(await codeOf(registry.putThing(thing("a", { operator: "nobody" })))).toBe("unknown_operator");
        expect(await codeOf(registry.putDevice({ id: "plain:x", thing: "nothing" }))).toBe("unknown_thing");
        expect(await codeOf(registry.putThing(thing("a/b")))).toBe("invalid");
        expect(await codeOf(registry.putDevice({ id: "no scheme", thing: "a" }))).toBe("invalid");
      });

      it("change all or not at all", async () => {
        const { registry, reopen } = await openPlace();
        const { version } = registry;
        const changes = [
          { kind: "put-thing", thing: thing("a") },
          { kind: "put-thing", thing: thing("b", { operator: "nobody" }) },
        ] as const;
        expect(await codeOf(registry.apply(changes))).toBe("unknown_operator");
        expect([registry.things({}), registry.version]).toEqual([[], version]);
        expect((await reopen()).things({})).toEqual([]);
      });

      it("give another version after a change, and the same where nothing changes", async () => {
        const { registry } = await openPlace();
        const before = registry.version;
        await registry.putThing(thing("a"));
        const after = registry.version;
        await registry.putThing(thing("a"));
        await registry.removeThing("missing");
        expect([after > before, registry.version]).toEqual([true, after]);
      });

      it("cannot be changed from outside", async () => {
        const { registry } = await openPlace();
        const given = thing("a", { tags: ["x"] });
        await registry.putThing(given);
        given.tags!.push("y");
        expect(() => registry.thing("a")!.tags!.push("z")).toThrow(TypeError);
        expect(registry.thing("a")!.tags).toEqual(["x"]);
      });

      it("are listed by operator, domain, tag, box and page", async () => {
        const { registry } = await openPlace();
        const at = (longitude: number, latitude: number): Thing["location"] => ({
          type: "Point",
          coordinates: [longitude, latitude],
        });
        await registry.apply(
          [
            thing("a", { location: at(9.9, 51.5)!, tags: ["x", "y"] }),
            thing("b", { domain: "energy", location: at(179.5, -17)!, tags: ["x"] }),
            thing("c", { operator: "lines", location: at(-179.5, -17)! }),
            thing("d", { operator: "lines", domain: "transit" }),
          ].map((each) => ({ kind: "put-thing", thing: each }) as const),
        );
        const ids = (query: ThingQuery): string =>
          registry
            .things(query)
            .map(({ id }) => id)
            .join("");
        expect(ids({})).toBe("abcd");
        expect(ids({ operators: ["lines"] })).toBe("cd");
        expect(ids({ operators: [] })).toBe("");
        expect(ids({ domains: ["energy", "transit"] })).toBe("bd");
        expect(ids({ tags: ["x", "y"] })).toBe("a");
        expect(ids({ box: [9, 51, 10, 52] })).toBe("a");
        expect(ids({ box: [179, -20, -179, -10] })).toBe("bc");
        expect(ids({ after: "a", limit: 2 })).toBe("bc");
      });

      it("keep their operator from being removed", async () => {
        const { registry } = await openPlace();
        await registry.putThing(thing("a"));
        expect(await codeOf(registry.apply([{ kind: "remove-operator", id: "works" }]))).toBe("in_use");
        await registry.removeThing("a");
        await registry.apply([{ kind: "remove-operator", id: "works" }]);
        expect(registry.operator("works")).toBeUndefined();
      });
    });

    describe("adoption", () => {
      it("is seen at once and durable after the flush", async () => {
        const { registry, reopen } = await openPlace();
        const before = registry.version;
        expect(registry.adopt([bus("lines", 1), bus("lines", 1), bus("lines", 2)])).toEqual([]);
        expect(registry.device("hfp:0018/1")?.thing.id).toBe("bus-1");
        expect(registry.version).toBeGreaterThan(before);
        await registry.flush();
        expect((await reopen()).devices({}).map(({ id }) => id)).toEqual(["hfp:0018/1", "hfp:0018/2"]);
      });

      it("leaves what is known as it is", async () => {
        const { registry } = await openPlace();
        await registry.putThing(thing("mine", { operator: "lines" }));
        await registry.putDevice({ id: "hfp:0018/1", thing: "mine" });
        await registry.putThing(thing("bus-2", { operator: "lines", name: "named by hand" }));
        const { version } = registry;
        expect(registry.adopt([bus("lines", 1)])).toEqual([]);
        expect(registry.version).toBe(version);
        expect(registry.adopt([bus("lines", 2)])).toEqual([]);
        expect(registry.device("hfp:0018/1")?.thing.id).toBe("mine");
        expect(registry.device("hfp:0018/2")?.thing.name).toBe("named by hand");
      });

      it("takes neither device nor thing from another operator", async () => {
        const { registry } = await openPlace();
        await registry.putThing(thing("bus-1", { operator: "works" }));
        await registry.putThing(thing("own", { operator: "works" }));
        await registry.putDevice({ id: "hfp:0018/2", thing: "own" });
        const refused = [bus("lines", 1), bus("lines", 2)];
        expect(registry.adopt([...refused, bus("lines", 3)])).toEqual(refused);
        expect(registry.device("hfp:0018/1")).toBeUndefined();
        expect(registry.device("hfp:0018/2")?.thing.operator).toBe("works");
        expect(registry.device("hfp:0018/3")?.thing.operator).toBe("lines");
      });

      it("goes with the next write and with the close", async () => {
        const { registry, reopen } = await openPlace();
        registry.adopt([bus("lines", 1)]);
        await registry.putDevice({ id: "plain:door-1", thing: "bus-1" });
        registry.adopt([bus("lines", 2)]);
        expect((await reopen()).devices({})).toHaveLength(3);
      });
    });

    describe("what formats remember", () => {
      const born = { aliases: { 5: ["Flow", 10, null] }, bornAt: 1 };
      const entry = { source: "gateway", format: "sparkplug-b", key: "Works/Pump-3", value: born };

      it("is known at once, durable after the flush, and says nothing new of things and devices", async () => {
        const { registry, reopen } = await openPlace();
        await registry.issueCredential(source("gateway"));
        const { version } = registry;
        expect(registry.remember([entry, { ...entry, key: "Works/Pump-4", value: 1 }])).toEqual([]);
        expect(registry.remember([{ ...entry, key: "Works/Pump-4", value: null }])).toEqual([]);
        expect(registry.recall("gateway", "sparkplug-b", "Works/Pump-3")).toEqual(born);
        expect(registry.recall("gateway", "homie", "Works/Pump-3")).toBeUndefined();
        expect(registry.version).toBe(version);
        await registry.flush();
        const again = await reopen();
        expect(again.recall("gateway", "sparkplug-b", "Works/Pump-3")).toEqual(born);
        expect(again.recall("gateway", "sparkplug-b", "Works/Pump-4")).toBeUndefined();
      });

      it("is the last of what was said while it was written", async () => {
        const { registry, reopen } = await openPlace();
        await registry.issueCredential(source("gateway"));
        registry.remember([entry]);
        const flushed = registry.flush();
        registry.remember([{ ...entry, value: 2 }]);
        await flushed;
        expect(registry.recall("gateway", "sparkplug-b", "Works/Pump-3")).toBe(2);
        await registry.flush();
        expect((await reopen()).recall("gateway", "sparkplug-b", "Works/Pump-3")).toBe(2);
      });

      it("is forgotten with the source, and not taken beyond bounds", async () => {
        const { registry } = await openPlace();
        await registry.issueCredential(source("gateway"));
        const long = { ...entry, value: "x".repeat(200_001) };
        const foreign = { ...entry, source: "nobody" };
        expect(registry.remember([long, foreign, entry])).toEqual([long, foreign]);
        await registry.apply([{ kind: "remove-source", id: "gateway" }]);
        expect(registry.recall("gateway", "sparkplug-b", "Works/Pump-3")).toBeUndefined();
      });
    });

    describe("credentials", () => {
      it("let in who knows the secret, and nobody else", async () => {
        const { registry, reopen } = await openPlace();
        const { secret, source: issued } = await registry.issueCredential(source("gateway"));
        expect(secret).toMatch(/^[a-z2-7]{26}$/);
        for (const each of [registry, await reopen()]) {
          expect(each.authenticate("gateway", bytes(secret))).toEqual(issued);
          for (const wrong of ["", secret.slice(1), `${secret} `, secret.toUpperCase(), "x".repeat(100_000)]) {
            expect(each.authenticate("gateway", bytes(wrong))).toBeUndefined();
          }
          for (const user of ["", "Gateway", "gateway\0", "__proto__", "x".repeat(100_000)]) {
            expect(each.authenticate(user, bytes(secret))).toBeUndefined();
          }
        }
      });

      it("end with the revocation, but keep their source", async () => {
        const { registry, reopen } = await openPlace();
        const { secret } = await registry.issueCredential(source("gateway"));
        expect(registry.isActive("gateway")).toBe(true);
        const { version } = registry;
        time += 1_000;
        await registry.revokeCredential("gateway");
        expect(registry.version).toBeGreaterThan(version);
        const again = await reopen();
        expect([again.authenticate("gateway", bytes(secret)), again.isActive("gateway")]).toEqual([undefined, false]);
        expect(again.source("gateway")?.operator).toBe("works");
        expect(again.credentials()).toEqual([{ source: source("gateway"), issuedAt: start, revokedAt: start + 1_000 }]);
      });

      it("get a new secret that replaces the old one", async () => {
        const { registry } = await openPlace();
        const old = await registry.issueCredential(source("gateway"));
        const fresh = await registry.rotateCredential("gateway");
        expect(registry.authenticate("gateway", bytes(old.secret))).toBeUndefined();
        expect(registry.authenticate("gateway", bytes(fresh.secret))?.id).toBe("gateway");
        await registry.revokeCredential("gateway");
        const last = await registry.rotateCredential("gateway");
        expect(registry.authenticate("gateway", bytes(last.secret))?.id).toBe("gateway");
      });

      it("are made with their source and go with it", async () => {
        const { registry } = await openPlace();
        const put = (more: Partial<Source>) => [{ kind: "put-source", source: source("gateway", more) }] as const;
        const [issued] = await registry.apply(put({}));
        expect(await registry.apply(put({ topics: ["v3/#"], devices: ["lorawan:24-E1*"] }))).toEqual([]);
        expect(registry.authenticate("gateway", bytes(issued!.secret))).toMatchObject({
          topics: ["v3/#"],
          devices: ["lorawan:24e1*"],
        });
        await registry.apply([{ kind: "remove-source", id: "gateway" }]);
        expect([registry.source("gateway"), registry.credentials()]).toEqual([undefined, []]);
      });

      it("are refused where they are taken, unknown, or of an unknown operator", async () => {
        const { registry } = await openPlace();
        await registry.issueCredential(source("gateway"));
        expect(await codeOf(registry.issueCredential(source("gateway")))).toBe("exists");
        expect(await codeOf(registry.issueCredential(source("other", { operator: "nobody" })))).toBe(
          "unknown_operator",
        );
        expect(await codeOf(registry.issueCredential(source("other", { topics: [] })))).toBe("invalid");
        expect(await codeOf(registry.issueCredential(source("other", { topics: ["a/#/b"] })))).toBe("invalid");
        expect(await codeOf(registry.rotateCredential("other"))).toBe("unknown_source");
        expect(await codeOf(registry.revokeCredential("other"))).toBe("unknown_source");
      });
    });

    describe("tokens", () => {
      const request: TokenRequest = { name: "analyst", operator: "works", scopes: ["read", "export"] };

      it("say who asks, until they are revoked", async () => {
        const { registry, reopen } = await openPlace();
        const { token, principal } = await registry.issueToken({ ...request, domains: ["water"] });
        expect(token).toMatch(/^mn_[a-z2-7]{10}_[a-z2-7]{33}$/);
        expect(principal).toMatchObject({ ...request, domains: ["water"], issuedAt: start });
        const again = await reopen();
        expect(again.authorise(token)).toEqual(principal);
        expect(again.tokens()).toEqual([principal]);
        await again.revokeToken(principal.id);
        expect([again.authorise(token), again.tokens()]).toEqual([undefined, []]);
        expect(await codeOf(again.revokeToken(principal.id))).toBe("unknown_token");
      });

      it("keep who issued them", async () => {
        const { registry, reopen } = await openPlace();
        const { principal } = await registry.issueToken(request, "aaaaaaaaaa");
        expect(principal.issuedBy).toBe("aaaaaaaaaa");
        expect((await reopen()).tokens()).toEqual([principal]);
      });

      it("are nothing with one character changed, or with the secret of another", async () => {
        const { registry } = await openPlace();
        const { token } = await registry.issueToken(request);
        const other = (await registry.issueToken(request)).token;
        for (let at = 0; at < token.length; at++) {
          const changed = token.slice(0, at) + (token[at] === "a" ? "b" : "a") + token.slice(at + 1);
          expect(registry.authorise(changed)).toBeUndefined();
        }
        expect(registry.authorise(token.slice(0, 13) + other.slice(13))).toBeUndefined();
        for (const wrong of ["", "mn_", `${token}a`, `Bearer ${token}`, "x".repeat(100_000)]) {
          expect(registry.authorise(wrong)).toBeUndefined();
        }
      });

      it("expire", async () => {
        const { registry } = await openPlace();
        const { token } = await registry.issueToken({ ...request, expiresAt: start + 1_000 });
        time = start + 999;
        expect(registry.authorise(token)?.name).toBe("analyst");
        time = start + 1_000;
        expect(registry.authorise(token)).toBeUndefined();
      });

      it("need an operator that is registered, or all of them", async () => {
        const { registry } = await openPlace();
        expect(await codeOf(registry.issueToken({ ...request, operator: "nobody" }))).toBe("unknown_operator");
        expect(await codeOf(registry.issueToken({ ...request, scopes: [] }))).toBe("invalid");
        expect((await registry.issueToken({ ...request, operator: "*" })).principal.operator).toBe("*");
      });
    });

    it("shows a principal what is its operator's and of its domains, and nothing else", async () => {
      const { registry } = await openPlace();
      const all = [
        thing("a"),
        thing("b", { domain: "energy" }),
        thing("c", { operator: "lines", domain: "energy" }),
        thing("d", { operator: "lines", domain: "transit" }),
      ];
      await registry.apply(all.map((each) => ({ kind: "put-thing", thing: each }) as const));
      const seen = (more: Partial<Principal>, query: ThingQuery = {}): string => {
        const principal: Principal = {
          id: "t",
          name: "t",
          operator: "works",
          scopes: ["read"],
          issuedAt: start,
          ...more,
        };
        const one = all.filter(({ id }) => registry.visibleThing(principal, id) !== undefined).map(({ id }) => id);
        const list = registry.visibleThings(principal, query).map(({ id }) => id);
        return [...new Set(Object.keys(query).length === 0 ? [...one, ...list] : list)].join("");
      };
      expect(seen({})).toBe("ab");
      expect(seen({ operator: "*" })).toBe("abcd");
      expect(seen({ domains: ["energy"] })).toBe("b");
      expect(seen({ operator: "*", domains: ["energy"] })).toBe("bc");
      expect(seen({}, { operators: ["lines"] })).toBe("");
      expect(seen({}, { operators: ["lines", "works"] })).toBe("ab");
      expect(seen({ domains: ["energy"] }, { domains: ["water"] })).toBe("");
      expect(seen({ scopes: ["admin"] })).toBe("ab");
    });

    it("says that it works while it is open, and refuses writes once it is closed", async () => {
      const { registry } = await openPlace();
      await registry.check();
      await registry.close();
      await registry.close();
      expect(await codeOf(registry.check())).toBe("closed");
      expect(await codeOf(registry.putThing(thing("a")))).toBe("closed");
    });
  });
}
