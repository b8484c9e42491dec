import { connectAsync, type MqttClient } from "mqtt";
import { describe, expect, it } from "vitest";
import { eventually, findProgram, type Mosquitto, startMosquitto } from "@messnetz/testing";
import { reading } from "../trial-door.fixture.ts";
import { createTrialPublisher } from "../trial-publisher.fixture.ts";
import { bridgeSource, createTrialSources, openTrialBridge, planFor } from "./trial-bridge.fixture.ts";

const hasMosquitto = findProgram("mosquitto") !== undefined;

async function publisherAt(broker: Mosquitto): Promise<MqttClient & AsyncDisposable> {
  const client = await connectAsync(broker.url, { reconnectPeriod: 0 });
  client.on("error", () => {});
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.endAsync(true) });
}

async function publishMany(client: MqttClient, count: number, from = 0): Promise<void> {
  const all = Array.from({ length: count }, (_, n) =>
    client.publishAsync(`town/${(from + n) % 7}`, reading(from + n), { qos: 1 }),
  );
  await Promise.all(all);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

const connected = 'messnetz_bridge_connected{session="trial"}';

describe.skipIf(!hasMosquitto)("the bridge to a real mosquitto (Debian: mosquitto)", () => {
  for (const version of [5, "3.1.1"] as const)
    it(`takes thousands of messages in order with version ${version}, and acknowledges each`, async () => {
      await using broker = await startMosquitto(["max_queued_messages 0"]);
      await using trial = openTrialBridge({ plans: [planFor(broker.url, { broker: { version } })] });
      await eventually("the bridge to be subscribed", async () => (await trial.metric(connected)) === 1);
      await using client = await publisherAt(broker);
      await publishMany(client, 5000);
      await eventually("all messages", () => trial.values().length === 5000);
      expect(trial.values()).toEqual(range(5000));
      const acknowledged = 'messnetz_bridge_messages_acknowledged_total{session="trial"}';
      await eventually("all to be acknowledged", async () => (await trial.metric(acknowledged)) === 5000);
      expect(await trial.metric('messnetz_bridge_in_flight_messages{session="trial"}')).toBe(0);
      expect(trial.repeated()).toBe(0);
      expect(trial.bridge.troubles()).toEqual([]);
    });
});
