import { afterEach, expect, test } from "vitest";
import { type RunningTown, startExampleTown } from "./example-town.fixture.ts";

let town: RunningTown;
afterEach(() => town.close());

test("a token that was issued is accepted until it is revoked, and shown once", async () => {
  town = await startExampleTown();
  const wanted = { name: "dashboard", operator: "waterworks", scopes: ["read"], expiresAt: "2099-01-01T00:00:00Z" };
  const issued = await town.send("POST", "/api/v1/tokens", { body: wanted });
  const token = issued.body["token"] as string;
  expect(issued.body).toMatchObject({ ...wanted, expiresAt: "2099-01-01T00:00:00.000Z" });
  expect((await town.get("/api/v1/things", token)).body.items?.map(({ id }) => id)).toEqual([
    "pump-1",
    "weir-1",
    "weir-2",
  ]);
  const list = await town.get("/api/v1/tokens");
  expect(list.text).not.toContain(token);
  expect((await town.send("DELETE", `/api/v1/tokens/${String(issued.body["id"])}`)).status).toBe(204);
  expect((await town.get("/api/v1/things", token)).status).toBe(401);
  expect((await town.send("DELETE", `/api/v1/tokens/${String(issued.body["id"])}`)).status).toBe(404);
});

test("a credential is issued, changed, rotated and revoked", async () => {
  town = await startExampleTown();
  const authenticates = (secret: unknown) =>
    town.registry.authenticate("gauges", new TextEncoder().encode(String(secret))) !== undefined;
  const body = { id: "gauges", operator: "waterworks", topics: ["water/#"] };
  const first = (await town.send("POST", "/api/v1/credentials", { body })).body["secret"];
  expect(authenticates(first)).toBe(true);
  expect((await town.send("POST", "/api/v1/credentials", { body })).status).toBe(409);
  const changed = await town.send("PUT", "/api/v1/credentials/gauges", {
    body: { operator: "waterworks", topics: ["gauges/#"] },
  });
  expect(changed.body["topics"]).toEqual(["gauges/#"]);
  expect(authenticates(first)).toBe(true);
  const second = (await town.send("POST", "/api/v1/credentials/gauges/rotate")).body["secret"];
  expect([authenticates(first), authenticates(second)]).toEqual([false, true]);
  expect((await town.send("DELETE", "/api/v1/credentials/gauges")).status).toBe(204);
  expect(authenticates(second)).toBe(false);
  const listed = (await town.get("/api/v1/credentials")).body.items?.find(({ id }) => id === "gauges");
  expect(listed).toMatchObject({ revokedAt: expect.any(String) });
});

test("things, devices and operators are put and removed", async () => {
  town = await startExampleTown();
  const steps = [
    ["PUT", "/api/v1/operators/parks", { name: "Parks" }, 200],
    ["PUT", "/api/v1/things/pond-1", { name: "Pond", domain: "water", operator: "parks" }, 200],
    ["PUT", "/api/v1/devices/lorawan:24E124136B502217", { thing: "pond-1", timeZone: "Europe/Berlin" }, 200],
    ["GET", "/api/v1/devices?thing=pond-1", undefined, 200],
    ["DELETE", "/api/v1/devices/lorawan:24e124136b502217", undefined, 204],
    ["DELETE", "/api/v1/things/pond-1", undefined, 204],
    ["GET", "/api/v1/things/pond-1", undefined, 404],
    ["PUT", "/api/v1/things/pond-2", { name: "Pond", domain: "water", operator: "nobody" }, 400],
  ] as const;
  let listed: unknown;
  for (const [method, path, body, status] of steps) {
    const answer = await town.send(method, path, { body });
    expect({ path, status: answer.status, text: answer.text }).toMatchObject({ path, status });
    listed ??= path.includes("?thing=") ? answer.body.items : undefined;
  }
  expect(listed).toEqual([{ id: "lorawan:24e124136b502217", thing: "pond-1", timeZone: "Europe/Berlin" }]);
});

test("a table of things is imported whole, or not at all with every mistake", async () => {
  town = await startExampleTown();
  const table =
    "thing,name,domain,operator,device\nbin-1,Bin one,waste,transport,lorawan:1\nbin-2,Bin two,waste,transport,lorawan:2\n";
  const send = async (body: string, type: string) => town.send("POST", "/api/v1/import", { body, type });
  expect((await send(table, "text/csv")).body).toMatchObject({
    things: { added: 2, changed: 0 },
    devices: { added: 2 },
  });
  expect((await send(table, "text/csv")).body).toMatchObject({ things: { added: 0, unchanged: 2 } });
  const wrong = await send(`${table}bin-3,,sewage,transport,\nbin-4,Bin four,waste,nobody,\n`, "text/csv");
  expect(wrong.status).toBe(400);
  expect(wrong.body.mistakes?.length).toBeGreaterThan(1);
  expect(wrong.body.mistakes?.[0]?.name).toMatch(/^line 4/);
  expect((await send("{}", "application/json")).status).toBe(415);
});

test("a device is refused with every mistake of its zone, profile, properties and units, alone as in a file", async () => {
  town = await startExampleTown({ profiles: new Set(["maker/model"]) });
  const device = {
    thing: "weir-1",
    timeZone: "Mars/Olympus",
    profile: "maker/other",
    fields: {
      a: { property: "sorrow" },
      b: { property: "water_level", unit: "furlong" },
      c: { property: "water_level", unit: "kg" },
    },
  };
  const { status, body } = await town.send("PUT", "/api/v1/devices/dev:new", { body: device });
  expect(status).toBe(400);
  expect(body.mistakes?.map(({ name, came }) => [name, came])).toEqual([
    ["timeZone", "Mars/Olympus"],
    ["profile", "maker/other"],
    ["fields.a.property", "sorrow"],
    ["fields.b.unit", "furlong"],
    ["fields.c.unit", "kg"],
  ]);
  const file = `devices: [${JSON.stringify({ id: "dev:new", ...device })}]`;
  const imported = await town.send("POST", "/api/v1/import", { body: file, type: "application/yaml" });
  expect(imported.status).toBe(400);
  expect(imported.body.mistakes).toHaveLength(5);
  expect(town.registry.device("dev:new")).toBeUndefined();
  const good = { thing: "weir-1", profile: "maker/model", fields: { b: { property: "water_level", unit: "cm" } } };
  expect((await town.send("PUT", "/api/v1/devices/dev:new", { body: good })).status).toBe(200);
});
