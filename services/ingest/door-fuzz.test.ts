import * as fc from "fast-check";
import { generate, type Packet } from "mqtt-packet";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "@messnetz/testing";
import { openTrialDoor, reading, type TrialDoor, trialPassword } from "./trial-door.fixture.ts";

const runs = process.env["MESSNETZ_TRIALS"] === "full" ? 5000 : 150;
let trial: TrialDoor;
let healthy: Awaited<ReturnType<TrialDoor["client"]>>;
const escaped: unknown[] = [];
const note = (error: unknown): void => void escaped.push(error);

beforeAll(async () => {
  process.on("unhandledRejection", note);
  process.on("uncaughtException", note);
  trial = await openTrialDoor();
  healthy = await trial.client({ clientId: "healthy" });
});
afterAll(async () => {
  await trial[Symbol.asyncDispose]();
  process.off("unhandledRejection", note);
  process.off("uncaughtException", note);
});

const connects = ([4, 5] as const).map((version) =>
  generate({
    cmd: "connect",
    clientId: "fuzz",
    protocolId: "MQTT",
    protocolVersion: version,
    clean: false,
    keepalive: 10,
    username: "trial",
    password: Buffer.from(trialPassword),
    will: { topic: "town/will", payload: Buffer.from("{}"), qos: 1, retain: false },
    ...(version === 5 && { properties: { sessionExpiryInterval: 5, userProperties: { a: "b" } } }),
  }),
);
const packets: Packet[] = [
  { cmd: "publish", topic: "town/a", qos: 1, messageId: 3, payload: reading(1), dup: true, retain: false },
  {
    cmd: "publish",
    topic: "town/a",
    qos: 2,
    messageId: 4,
    payload: reading(1),
    dup: false,
    retain: true,
    properties: { topicAlias: 2 },
  },
  { cmd: "pubrel", messageId: 4 },
  { cmd: "subscribe", messageId: 5, subscriptions: [{ topic: "a/#", qos: 1 }] },
  { cmd: "unsubscribe", messageId: 6, unsubscriptions: ["a/#"] },
  { cmd: "pingreq" },
  { cmd: "disconnect", reasonCode: 4, properties: { sessionExpiryInterval: 3 } },
  { cmd: "auth", reasonCode: 0x18, properties: { authenticationMethod: "x" } },
];
const real = packets.flatMap((packet) =>
  [4, 5].flatMap((protocolVersion) => {
    try {
      return [generate(packet, { protocolVersion })];
    } catch {
      // AUTH is not in 3.1.1.
      return [];
    }
  }),
);

const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 });
const damaged = (bytes: fc.Arbitrary<Buffer>) =>
  fc.tuple(bytes, damage).map(([source, changes]) => {
    const copy = Buffer.from(source);
    for (const [at, byte] of changes) copy[at % copy.length] = byte;
    return copy;
  });
const noise = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const begins = fc.oneof(fc.constantFrom(...connects), damaged(fc.constantFrom(...connects)), noise);
const more = fc.oneof(fc.constantFrom(...real), damaged(fc.constantFrom(...real)), noise);
const conversations = fc
  .tuple(begins, fc.array(more, { maxLength: 8 }))
  .map(([first, rest]) => Buffer.concat([first].concat(rest)));

it(
  "any bytes: no crash, nothing escapes, memory stays bounded, a healthy client is served",
  { timeout: 120_000 },
  async () => {
    let served = 0;
    await fc.assert(
      fc.asyncProperty(conversations, async (conversation) => {
        const client = await trial.raw();
        client.send(conversation);
        await healthy.publishAsync("town/healthy", reading(served++, { time: served }), { qos: 1 });
        client.end();
      }),
      { numRuns: runs },
    );
    expect(escaped).toEqual([]);
    await eventually("the noisy clients to be gone", () => trial.door.connections() === 1);
    await eventually("nothing to be pending", () => trial.intake.state().pendingMessages === 0);
    expect(trial.intake.state()).toMatchObject({ pendingMessages: 0, pendingBytes: 0 });
    expect(trial.publisher.messages().filter(({ message }) => message.topic === "town/healthy")).toHaveLength(served);
  },
);
