import { expect, it } from "vitest";
import { openTrialDoor, reading } from "./trial-door.fixture.ts";

const versions = [4, 5] as const;
const qualities = [0, 1, 2] as const;

it.each(versions.flatMap((version) => qualities.map((qos) => ({ version, qos }))))(
  "takes a publish of MQTT version $version and QoS $qos from a real client",
  async ({ version, qos }) => {
    await using trial = await openTrialDoor();
    const client = await trial.client({ protocolVersion: version, clientId: "c" });
    await client.publishAsync("town/gauge", reading(1.5, { time: 1000 }), { qos });
    await client.endAsync();
    expect(await trial.intake.settled(1000)).toBe(true);
    const messages = trial.publisher.messages();
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({
      message: { topic: "town/gauge", source: "trial" },
      device: "trial:1",
      refusals: [],
    });
    expect(messages[0]!.observations).toMatchObject([{ phenomenonTime: 1000, result: 1.5 }]);
  },
);
