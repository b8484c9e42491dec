import { eventually } from "@messnetz/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Composition, hasDocker, openComposition, type Sector, sectors } from "./composition.fixture.ts";

const isTrial = process.env["MESSNETZ_TRIALS"] === "full";
const isTried = isTrial && (await hasDocker());
const why = isTrial ? "no Docker answers here" : "npm run trials tries it";
/** Building the image is most of it. */
const upMs = 900_000;
const stepMs = 180_000;

/** A thing of each domain: one that publishes to the door of its sector, and one behind Mosquitto. */
const things: readonly { domain: string; sector: Sector; property: string; unit: string }[] = [
  { domain: "traffic", sector: "traffic", property: "vehicle_speed", unit: "km/h" },
  { domain: "transit", sector: "transit", property: "speed", unit: "m/s" },
  { domain: "water", sector: "water", property: "water_level", unit: "m" },
  { domain: "wastewater", sector: "water", property: "water_level", unit: "m" },
  { domain: "energy", sector: "energy", property: "active_power", unit: "W" },
  { domain: "waste", sector: "waste", property: "fill_level", unit: "%" },
];
const ways = ["door", "mosquitto"] as const;

const macOf = (domain: string, way: string): string =>
  `urn:dev:mac:02005e20${ways.indexOf(way as "door")}${things.findIndex((one) => one.domain === domain)}01`;

function townFile(): string {
  const town = {
    operators: [{ id: "smoke", name: "Smoke test" }],
    things: things.flatMap(({ domain }) =>
      ways.map((way) => ({
        id: `${domain}-${way}`,
        name: `${domain} ${way}`,
        domain,
        operator: "smoke",
        devices: [{ id: macOf(domain, way) }],
      })),
    ),
    credentials: sectors.flatMap((sector) => [
      { id: `door-${sector}`, operator: "smoke", topics: [`${sector}/#`], devices: ["urn:dev:mac:*"] },
      { id: `mosquitto-${sector}`, operator: "smoke", topics: [`${sector}/#`], devices: ["urn:dev:mac:*"] },
    ]),
  };
  // JSON is YAML.
  return JSON.stringify(town);
}

describe.skipIf(!isTried)(`docker-compose.yml (${isTried ? "with Docker" : why})`, () => {
  let composition: Composition;
  const secrets = new Map<string, string>();

  beforeAll(async () => {
    composition = await openComposition();
    const { status, text } = await composition.ask("POST", "/api/v1/import", {
      type: "application/yaml",
      text: townFile(),
    });
    if (status !== 200) throw new Error(`the import was refused: ${status} ${text}`);
    const { issued } = JSON.parse(text) as { issued: { id: string; secret: string }[] };
    for (const { id, secret } of issued) secrets.set(id, secret);
  }, upMs);

  afterAll(async () => {
    await composition?.close();
  }, stepMs);

  async function publishAll(value: number): Promise<void> {
    for (const { domain, sector, property, unit } of things) {
      const senml = (way: string): [string, object] => [
        `${sector}/senml/${domain}-${way}`,
        [{ bn: `${macOf(domain, way)}:`, n: property, u: unit, v: value }],
      ];
      await composition.publish(
        sector,
        { username: `door-${sector}`, password: secrets.get(`door-${sector}`)! },
        senml("door"),
      );
      await composition.publish("mosquitto", { username: sector }, senml("mosquitto"));
    }
  }

  /** `<thing> <value>` of the newest observations of all domains. */
  async function latest(): Promise<readonly string[]> {
    const answers = await Promise.all(
      things.map(({ domain }) => composition.ask("GET", `/api/v1/latest?domain=${domain}`)),
    );
    return answers
      .flatMap(({ text }) => (JSON.parse(text) as { items: { thing: string; result: number }[] }).items)
      .map(({ thing, result }) => `${thing} ${result}`)
      .toSorted();
  }

  const expected = (value: number): readonly string[] =>
    things.flatMap(({ domain }) => ways.map((way) => `${domain}-${way} ${value}`)).toSorted();

  /** What is the newest of all, once it is all of `value`, or what it is after a while. */
  async function latestOnce(value: number): Promise<readonly string[]> {
    const wanted = expected(value).join();
    await eventually("all newest values", async () => (await latest()).join() === wanted, 60_000).catch(() => {});
    return latest();
  }

  it(
    "takes six domains' messages at the doors and from Mosquitto, and answers and exports them",
    async () => {
      // A bridge connects when its credential is there.
      await eventually(
        "the bridges to take what is published",
        async () => {
          await publishAll(1);
          expect(await latest()).toEqual(expected(1));
          return true;
        },
        90_000,
      );
      await publishAll(2);
      expect(await latestOnce(2)).toEqual(expected(2));
      const { status, text } = await composition.ask("GET", "/api/v1/observations/export?thing=water-door&format=csv");
      expect([status, text.trim().split("\n").length > 2]).toEqual([200, true]);
    },
    stepMs,
  );

  it(
    "stores what came while its writer was killed",
    async () => {
      await composition.compose("kill", "--signal", "KILL", "writer");
      await publishAll(3);
      await composition.compose("up", "--detach", "--wait", "writer");
      expect(await latestOnce(3)).toEqual(expected(3));
    },
    stepMs,
  );

  it(
    "goes on with everything after all of it was taken down and brought up again",
    async () => {
      await composition.compose("down", "--timeout", "30");
      await composition.compose("up", "--detach", "--wait", "--wait-timeout", "300");
      expect(await latestOnce(3)).toEqual(expected(3));
      await publishAll(4);
      expect(await latestOnce(4)).toEqual(expected(4));
    },
    stepMs * 2,
  );

  it(
    "publishes the API and MQTT, and nothing else",
    async () => {
      const text = await composition.compose("ps", "--format", "{{.Service}} {{.Ports}}");
      const published = text
        .split("\n")
        .flatMap((line) => [...line.matchAll(/:(\d+)->/g)].map(([, port]) => `${line.split(" ")[0]} ${port}`));
      const doors = sectors.flatMap((sector, n) => [`ingest-${sector} ${8883 + n}`, `ingest-${sector} ${8444 + n}`]);
      expect(published.toSorted()).toEqual(["api 8443", ...doors, "mosquitto 8882"].toSorted());
    },
    stepMs,
  );
});
