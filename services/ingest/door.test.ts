import { spawn } from "node:child_process";
import { type EventEmitter, once } from "node:events";
import { findProgram } from "@messnetz/testing";
import { describe, expect, it } from "vitest";
import { openTrialDoor, reading, trialPassword } from "./trial-door.fixture.ts";

const versions = [4, 5] as const;
const qualities = [0, 1, 2] as const;
const combinations = versions.flatMap((version) => qualities.map((qos) => ({ version, qos })));

describe("mqtt.js", () => {
  it.each(combinations)("publishes with version $version and QoS $qos", async ({ version, qos }) => {
    await using trial = await openTrialDoor();
    const client = await trial.client({ protocolVersion: version, clientId: "c" });
    await client.publishAsync("town/gauge", reading(1.5, { time: 1000 }), { qos, retain: true });
    await client.endAsync();
    expect(await trial.intake.settled(1000)).toBe(true);
    const messages = trial.publisher.messages();
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ message: { topic: "town/gauge", source: "trial" }, refusals: [] });
    expect(messages[0]!.observations).toMatchObject([{ phenomenonTime: 1000, result: 1.5 }]);
  });

  it.each(combinations)(
    "publishes 500 at once in a durable session with version $version and QoS $qos",
    async ({ version, qos }) => {
      await using trial = await openTrialDoor();
      const properties = version === 5 ? { properties: { sessionExpiryInterval: 3600 } } : {};
      const client = await trial.client({ protocolVersion: version, clientId: "c", clean: false, ...properties });
      const values = Array.from({ length: 500 }, (_, n) => n);
      await Promise.all(values.map((n) => client.publishAsync(`town/${n % 10}`, reading(n, { time: n + 1 }), { qos })));
      await client.endAsync();
      expect(await trial.intake.settled(1000)).toBe(true);
      expect(trial.publisher.messages().map(({ observations }) => observations[0]?.result)).toEqual(values);
    },
  );

  it.each(versions)(
    "sends again what was not acknowledged when it comes back, and it is stored as one (version %d)",
    async (version) => {
      await using trial = await openTrialDoor({ config: { MESSNETZ_INTAKE_CLOSE_AFTER_MS: "200" } });
      const properties = version === 5 ? { properties: { sessionExpiryInterval: 3600 } } : {};
      const client = await trial.client({
        protocolVersion: version,
        clientId: "c",
        clean: false,
        reconnectPeriod: 50,
        ...properties,
      });
      trial.publisher.become("hang");
      const done = Promise.all(
        [1, 2, 3].map((n) => client.publishAsync("town/gauge", reading(n, { time: n }), { qos: 1 })),
      );
      await once(client as unknown as EventEmitter, "close");
      trial.publisher.become("commit");
      await done;
      await client.endAsync();
      const messages = trial.publisher.messages();
      expect(new Set(messages.map(({ observations }) => observations[0]!.phenomenonTime)).size).toBe(3);
      expect(messages.length).toBeGreaterThanOrEqual(3);
    },
  );

  it("keeps its connection when its subscription is refused", async () => {
    await using trial = await openTrialDoor();
    const client = await trial.client({ protocolVersion: 5 });
    await Promise.allSettled([client.subscribeAsync("town/#")]);
    await client.publishAsync("town/gauge", reading(1), { qos: 1 });
    expect(client.connected).toBe(true);
  });

  it("uses topic aliases of its own accord", async () => {
    await using trial = await openTrialDoor();
    const client = await trial.client({ protocolVersion: 5, autoAssignTopicAlias: true });
    for (let n = 0; n < 5; n++) await client.publishAsync("town/gauge", reading(n), { qos: 1 });
    expect(trial.publisher.messages().map(({ message }) => message.topic)).toEqual(new Array(5).fill("town/gauge"));
  });
});

const mosquittoPub = findProgram("mosquitto_pub");

describe.skipIf(mosquittoPub === undefined)(
  `mosquitto_pub${mosquittoPub === undefined ? " (SKIPPED: not installed; Debian: apt-get install mosquitto-clients)" : ""}`,
  () => {
    const protocols = ["mqttv31", "mqttv311", "mqttv5"];
    it.each(protocols.flatMap((protocol) => qualities.map((qos) => ({ protocol, qos }))))(
      "publishes with $protocol and QoS $qos",
      async ({ protocol, qos }) => {
        await using trial = await openTrialDoor();
        const options = ["-h", "127.0.0.1", "-p", String(trial.port), "-u", "trial", "-P", trialPassword, "-i", "m"];
        const message = [
          "-V",
          protocol,
          "-q",
          String(qos),
          "-t",
          "town/gauge",
          "-m",
          reading(2.5, { time: 7 }).toString(),
        ];
        const child = spawn(mosquittoPub!, [...options, ...message, "--retain", "--will-topic", "town/will"], {
          stdio: "ignore",
        });
        const [code] = (await once(child, "exit")) as [number];
        expect(code).toBe(0);
        expect(await trial.intake.settled(1000)).toBe(true);
        expect(trial.publisher.messages()).toMatchObject([
          { message: { topic: "town/gauge" }, observations: [{ result: 2.5 }] },
        ]);
      },
    );
  },
);
