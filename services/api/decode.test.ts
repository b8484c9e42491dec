import { type DeviceProfile, isProfile, parseProfile } from "@messnetz/formats";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { noon, type RunningTown, startExampleTown } from "./example-town.fixture.ts";

function brookProbe(): DeviceProfile {
  const content = {
    profile: "brook/probe",
    revision: 1,
    title: "Brook probe",
    documentation: "https://example.org/brook",
    match: { names: ["brook probe"] },
    fields: { level: { property: "water_level", unit: "cm" } },
    layout: { endian: "big", frames: [{ fields: [{ name: "level", type: "u16" }] }] },
    examples: [{ name: "x", decoded: { level: 1 }, expect: [{ property: "water_level", value: 1, unit: "cm" }] }],
  };
  const profile = parseProfile(content, "brook/probe.yaml");
  if (!isProfile(profile)) throw new Error("expected a profile");
  return profile;
}

const eui = "24e124136b502217";
const device = `lorawan:${eui}`;
const uplink = (fields: object) => ({
  end_device_ids: { dev_eui: eui.toUpperCase() },
  uplink_message: { received_at: "2026-03-28T11:00:00Z", decoded_payload: fields },
});

let town: RunningTown;
beforeEach(async () => {
  town = await startExampleTown({ deviceProfiles: [brookProbe()], profiles: new Set(["brook/probe"]) });
  await town.registry.putDevice({ id: device, thing: "weir-1", profile: "brook/probe" });
});
afterEach(() => town.close());

const ask = async (body: object, token?: string) =>
  town.send("POST", "/api/v1/decode", { body, ...(token !== undefined && { token }) });

describe("what would become of a message", () => {
  test("is told with canonical and device unit, and nothing is stored", async () => {
    const { status, body } = await ask({ payload: uplink({ level: 120 }), explain: true });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      outcome: "readings",
      profile: "brook/probe",
      readings: [
        {
          property: "water_level",
          value: 1.2,
          unit: "m",
          deviceValue: 120,
          deviceUnit: "cm",
          datastream: "weir-1/water_level",
          time: "2026-03-28T11:00:00.000Z",
        },
      ],
      devices: [{ id: device, isKnown: true, thing: "weir-1" }],
    });
    expect((body["steps"] as readonly unknown[]).length).toBeGreaterThan(5);
    const newest = await town.get("/api/v1/latest?thing=weir-1");
    expect(newest.body.items).toEqual([]);
    expect((await town.get("/api/v1/quarantine")).body.items).toEqual([]);
    expect((await town.audit.verify()).entries).toBe(0);
  });

  test("is the same for text, base64 and hexadecimal digits", async () => {
    const text = JSON.stringify(uplink({ level: 120 }));
    const answers = await Promise.all(
      [
        { payload: text },
        { payloadBase64: Buffer.from(text).toString("base64") },
        { payloadHex: Buffer.from(text).toString("hex") },
      ].map(async (one) => ask(one)),
    );
    expect(new Set(answers.map((one) => one.text)).size).toBe(1);
    expect(answers[0]!.body["outcome"]).toBe("readings");
  });

  test("is a refusal with its cure where nothing reads it", async () => {
    const { status, body } = await ask({ payload: "nonsense", topic: "a/b/c" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ outcome: "refused", readings: [], refusals: [{ code: "no_format", came: "a/b/c" }] });
  });

  test("is by the town's clock where no time of receipt is given", async () => {
    const { body } = await ask({ payload: [{ n: "urn:dev:ops:a-1:water_level", u: "m", v: 1 }] });
    expect(body["readings"]).toMatchObject([{ time: new Date(noon).toISOString(), timeFrom: "receipt" }]);
  });
});

describe("who may ask", () => {
  test("needs the scope quarantine", async () => {
    expect((await ask({ payload: "x" }, await town.token({ scopes: ["read", "ledger"] }))).status).toBe(403);
    expect((await ask({ payload: "x" }, await town.token({ scopes: ["quarantine"] }))).status).toBe(200);
  });

  test.each([{ operator: "transport" }, { operator: "waterworks", domains: ["wastewater" as const] }])(
    "%o sees of a device that is not its own what it sees of one that nobody has",
    async (request) => {
      const token = await town.token({ ...request, scopes: ["quarantine"] });
      const foreign = await ask({ payload: uplink({ level: 1 }), explain: true }, token);
      await town.registry.removeDevice(device);
      const nobodys = await ask({ payload: uplink({ level: 1 }), explain: true }, token);
      expect(foreign.text).toBe(nobodys.text);
      expect(foreign.body).toMatchObject({ outcome: "refused", refusals: [{ code: "no_profile" }] });
    },
  );

  test("a frame is told byte by byte to those who ask for it", async () => {
    const frame = { payloadHex: "0078", profile: "brook/probe", port: 1, device };
    const { body } = await ask({ ...frame, explain: true });
    expect(body).toMatchObject({ readings: [{ value: 1.2, bytes: [{ from: 0, to: 2 }] }] });
    expect(body["steps"]).toContainEqual({
      kind: "bytes",
      about: "level",
      text: "bytes 0-1 (00 78): 120; by layout.frames.0.fields.0 (type u16)",
    });
    const brief = await ask(frame);
    expect(brief.body).toMatchObject({ steps: [], readings: [{ value: 1.2 }] });
    expect(brief.text).not.toContain("bytes");
  });

  test("a credential of another operator is not there", async () => {
    const token = await town.token({ operator: "transport", scopes: ["quarantine"] });
    const [foreign, missing] = await Promise.all(
      ["waterworks-door", "no-such-door"].map(async (source) => ask({ payload: "x", source }, token)),
    );
    expect(foreign!.status).toBe(404);
    expect(foreign!.text).toBe(missing!.text);
    expect((await ask({ payload: "x", source: "transport-door" }, token)).status).toBe(200);
  });
});

test.each([
  [{}, "payload"],
  [{ payload: "x", payloadHex: "00" }, "payload"],
  [{ payloadHex: "0" }, "payloadHex"],
  [{ payload: "x", format: "smoke-signals" }, "format"],
  [{ payload: "x", profile: "brook/none" }, "profile"],
  [{ payload: "x", port: 256 }, "port"],
  [{ payload: "x", timeZone: "Mars/Base" }, "timeZone"],
  [{ payload: "x", store: true }, ""],
])("%o is refused, and the mistake is named", async (body, name) => {
  const { status, body: problem } = await ask(body);
  expect(status).toBe(400);
  expect(JSON.stringify(problem.mistakes)).toContain(name);
});

test("long payloads are charged, and answers bounded", async () => {
  const records = Array.from({ length: 1500 }, (_, n) => ({ n: "water_level", u: "m", v: 1, t: -n }));
  const { body } = await ask({ payload: [{ bn: "urn:dev:ops:a-1:" }, ...records], explain: true });
  expect(body).toMatchObject({ leftOut: { readings: 500 } });
  expect(body["readings"]).toHaveLength(1000);
  await town.close();
  const cost = { perMinute: 10_000 };
  const rates = town.options.limits.rates;
  town = await startExampleTown({ limits: { rates: { ...rates, cost } } });
  expect((await ask({ payload: "x".repeat(400) })).status).toBe(200);
  expect((await ask({ payload: "x".repeat(400) })).status).toBe(429);
});
