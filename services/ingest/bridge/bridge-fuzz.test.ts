import { eventually } from "@messnetz/testing";
import * as fc from "fast-check";
import { generate, type Packet } from "mqtt-packet";
import { expect, it } from "vitest";
import { reading } from "../trial-door.fixture.ts";
import { openFakeBroker } from "./fake-broker.fixture.ts";
import { openTrialBridge, planFor } from "./trial-bridge.fixture.ts";

const count = process.env["MESSNETZ_TRIALS"] === "full" ? 1500 : 200;

const packets = ([4, 5] as const).flatMap((protocolVersion) =>
  (
    [
      { cmd: "connack", sessionPresent: true, reasonCode: 0, returnCode: 0 } as const,
      { cmd: "suback", messageId: 1, granted: [1] } as const,
      { cmd: "unsuback", messageId: 1, granted: [0] } as const,
      {
        cmd: "publish",
        topic: "town/a",
        payload: reading(1),
        qos: 1,
        messageId: 1,
        dup: false,
        retain: false,
      } as const,
      { cmd: "pubrel", messageId: 1 } as const,
      { cmd: "pingresp" } as const,
      { cmd: "disconnect", reasonCode: 0x8b } as const,
      { cmd: "auth", reasonCode: 0, properties: { authenticationMethod: "m" } } as const,
    ] satisfies readonly Packet[]
  )
    .filter(({ cmd }) => protocolVersion === 5 || cmd !== "auth")
    .map((packet) => generate(packet as Packet, { protocolVersion })),
);

/** A packet as it should be, with some bytes changed; or anything with a length that fits. */
const rubbish = fc.oneof(
  fc
    .tuple(fc.constantFrom(...packets), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
    .map(([packet, changes]) => {
      const bytes = Buffer.from(packet);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return bytes;
    }),
  fc
    .tuple(fc.nat(255), fc.uint8Array({ maxLength: 100 }))
    .map(([type, body]) => Buffer.concat([Buffer.from([type, body.length]), body])),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
);

it(`whatever a broker says, the process goes on, and takes messages when it says something sensible (${count} connections)`, async () => {
  await using broker = await openFakeBroker();
  await using trial = openTrialBridge({ plans: [planFor(broker.url)], answerWithinMs: 2000 });
  for (const [pieces, isAccepted] of fc.sample(fc.tuple(fc.array(rubbish, { maxLength: 5 }), fc.boolean()), count)) {
    const connection = await broker.connection();
    if (isAccepted) connection.accept();
    connection.send(...pieces);
    connection.end();
  }
  const last = await broker.connection();
  last.accept();
  last.publish(1, reading(-7));
  await eventually("the PUBACK", () => last.acknowledged().includes(1));
  expect(trial.values()).toContain(-7);
}, 180_000);
