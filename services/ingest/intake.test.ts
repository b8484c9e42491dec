import type { DeviceAndThing, RawMessage } from "@messnetz/model";
import { createMetrics } from "@messnetz/runtime";
import { createFakeClock, eventually, fakeClockStart } from "@messnetz/testing";
import { expect, it, vi } from "vitest";
import type { Replies, Sender } from "./batch.ts";
import { ingestConfigSchema } from "./config.ts";
import { createEvents } from "./events.ts";
import { createIntake } from "./intake.ts";
import type { Arrival, Intake, IntakeOptions } from "./intake-port.ts";
import { reading, trialSource } from "./trial-door.fixture.ts";
import { createTrialPublisher } from "./trial-publisher.fixture.ts";
import { trialRoad } from "./trial-road.fixture.ts";

function openIntake(differences: Partial<IntakeOptions> & { settings?: Record<string, string> } = {}) {
  const { settings = {}, ...rest } = differences;
  const publisher = createTrialPublisher();
  const clock = createFakeClock();
  const silent = (): void => {};
  const log = { info: silent, warn: silent, error: vi.fn<() => void>() };
  const intake = createIntake({
    config: ingestConfigSchema.parse(settings),
    publisher,
    road: trialRoad,
    adopt: () => [],
    flushAdoptions: async () => {},
    timeZone: "Europe/Berlin",
    events: createEvents({ log, metrics: createMetrics({ process: false }) }),
    clock: clock.now,
    ...rest,
  });
  return { intake, publisher, clock, log };
}

function arrival(differences: Partial<Arrival> = {}): Arrival {
  return {
    source: trialSource,
    client: "trial/c",
    topic: "town/gauge",
    payload: reading(1, { time: 1 }),
    qos: 1,
    packetId: 1,
    isDuplicate: false,
    isDurable: true,
    ...differences,
  };
}

function recorder(): Sender & { readonly replies: Replies[] } {
  const replies: Replies[] = [];
  return { replies, durable: (reply) => void replies.push(reply) };
}

async function settle(intake: Intake): Promise<void> {
  expect(await intake.settled(2000)).toBe(true);
}

it("acknowledges after the commit, in order, in one piece per sender", async () => {
  const { intake, publisher } = openIntake();
  publisher.become("hang");
  const [one, two] = [recorder(), recorder()];
  for (let id = 1; id <= 100; id++) {
    intake.receive(arrival({ packetId: id }), one);
    intake.receive(arrival({ packetId: id, qos: 2 }), two);
  }
  await eventually("the commit to begin", () => publisher.attempts() === 1);
  expect(one.replies).toEqual([]);
  publisher.become("commit");
  await settle(intake);
  expect(one.replies).toHaveLength(1);
  expect(two.replies).toHaveLength(1);
  const expected = (first: number) =>
    Buffer.concat(Array.from({ length: 100 }, (_, n) => Buffer.from([first, 2, 0, n + 1])));
  expect(one.replies[0]!.packets).toEqual(expected(0x40));
  expect(two.replies[0]!.packets).toEqual(expected(0x50));
});

it("gathers what arrives during a commit into the next, within the bounds", async () => {
  const { intake, publisher } = openIntake({ settings: { MESSNETZ_INTAKE_MAX_BATCH_MESSAGES: "10" } });
  publisher.become("hang");
  intake.receive(arrival());
  await eventually("the commit to begin", () => publisher.attempts() === 1);
  for (let id = 2; id <= 26; id++) intake.receive(arrival({ packetId: id }));
  publisher.become("commit");
  await settle(intake);
  expect(publisher.batches.map(({ messages }) => messages.length)).toEqual([1, 10, 10, 5]);
});

it("keeps a batch that the store refuses, pauses who reads, and tries again until it is taken", async () => {
  const { intake, publisher } = openIntake();
  const watcher = { pause: vi.fn<() => void>(), resume: vi.fn<() => void>(), abandon: vi.fn<() => void>() };
  intake.watch(watcher);
  publisher.become("fail");
  const sender = recorder();
  intake.receive(arrival(), sender);
  await eventually("two attempts", () => publisher.attempts() >= 2);
  expect(watcher.pause).toHaveBeenCalledTimes(1);
  expect(intake.state()).toMatchObject({ pendingMessages: 1, failingForMs: expect.any(Number) as number });
  expect(sender.replies).toEqual([]);
  publisher.become("commit");
  await settle(intake);
  expect(watcher.resume).toHaveBeenCalledTimes(1);
  expect(publisher.messages()).toHaveLength(1);
  expect(sender.replies).toHaveLength(1);
  expect(watcher.abandon).not.toHaveBeenCalled();
  expect(intake.state()).toEqual({ pendingMessages: 0, pendingBytes: 0 });
});

it.each(["fail", "hang"] as const)(
  "gives up its clients when the store goes on to %s, and recovers by itself",
  async (mood) => {
    const { intake, publisher } = openIntake({ settings: { MESSNETZ_INTAKE_CLOSE_AFTER_MS: "150" } });
    const watcher = { pause: vi.fn<() => void>(), resume: vi.fn<() => void>(), abandon: vi.fn<() => void>() };
    intake.watch(watcher);
    publisher.become(mood);
    intake.receive(arrival());
    await eventually("the clients to be given up", () => watcher.abandon.mock.calls.length === 1);
    expect(intake.isAvailable()).toBe(false);
    publisher.become("commit");
    await eventually("the store to be back", () => intake.isAvailable());
    await settle(intake);
    expect(publisher.messages()).toHaveLength(1);
    expect(intake.isPaused()).toBe(false);
  },
);

it("pauses who reads while too much is pending, and counts it honestly down to nothing", async () => {
  const { intake, publisher } = openIntake({ settings: { MESSNETZ_INTAKE_MAX_PENDING_BYTES: "20000" } });
  publisher.become("hang");
  for (let id = 1; !intake.isPaused(); id++) {
    intake.receive(arrival({ packetId: id }));
    expect(id).toBeLessThan(100);
  }
  expect(intake.state().pendingBytes).toBeGreaterThan(20_000);
  publisher.become("commit");
  await settle(intake);
  expect(intake.isPaused()).toBe(false);
  expect(intake.state().pendingBytes).toBe(0);
});

it("counts what a message was refused for: it waits in memory like the message", async () => {
  const reason = { code: "unknown_unit", expected: "e".repeat(300), came: "c".repeat(200), reading: "r" } as const;
  const road = (message: RawMessage) => ({ ...trialRoad(message), refusals: Array.from({ length: 20 }, () => reason) });
  const { intake, publisher } = openIntake({ road });
  publisher.become("hang");
  intake.receive(arrival());
  expect(intake.state().pendingBytes).toBeGreaterThan(20 * 500);
  publisher.become("commit");
  await settle(intake);
  expect(intake.state().pendingBytes).toBe(0);
});

it("a repeat with DUP keeps the first time of receipt, also after a restart", async () => {
  const { intake, publisher, clock } = openIntake();
  const message = { payload: reading(1), packetId: 9 };
  intake.receive(arrival(message));
  clock.advance(5000);
  intake.receive(arrival({ ...message, isDuplicate: true }));
  await settle(intake);
  const after = openIntake({ receipts: publisher.snapshot().receipts });
  after.clock.advance(9000);
  after.intake.receive(arrival({ ...message, isDuplicate: true }));
  await settle(after.intake);
  const all = [...publisher.messages(), ...after.publisher.messages()];
  expect(all.map(({ message: { receivedAt }, repeated }) => [receivedAt, repeated])).toEqual([
    [fakeClockStart, false],
    [fakeClockStart, true],
    [fakeClockStart, true],
  ]);
  expect(new Set(all.map(({ observations }) => observations[0]!.phenomenonTime)).size).toBe(1);
  expect(publisher.receipts()).toHaveLength(1);
});

it.each([
  ["a session that is kept", true, [false, true]],
  ["no session that is kept", false, [false, false]],
])("after days a DUP of %s: repeated %s", async (_what, isDurable, repeated) => {
  const { intake, publisher, clock } = openIntake();
  intake.receive(arrival({ payload: reading(1), isDurable }));
  clock.advance(86_400_001);
  intake.receive(arrival({ payload: reading(1), isDurable, isDuplicate: true }));
  await settle(intake);
  expect(publisher.messages().map((message) => message.repeated)).toEqual(repeated);
});

it.each([
  ["another payload", { payload: reading(2) }],
  ["another topic", { topic: "town/other" }],
  ["another packet id", { packetId: 8 }],
  ["another client", { client: "trial/d" }],
  ["no DUP", { isDuplicate: false }],
])("a message with %s is no repeat", async (_what, difference) => {
  const { intake, publisher, clock } = openIntake();
  intake.receive(arrival({ payload: reading(1) }));
  clock.advance(5000);
  intake.receive(arrival({ payload: reading(1), isDuplicate: true, ...difference }));
  await settle(intake);
  expect(publisher.messages().map(({ repeated }) => repeated)).toEqual([false, false]);
});

it("a packet id that was used for another message since is no repeat", async () => {
  const { intake, publisher } = openIntake();
  intake.receive(arrival({ payload: reading(1) }));
  intake.receive(arrival({ payload: reading(2, { time: 5 }) }));
  intake.receive(arrival({ payload: reading(1), isDuplicate: true }));
  await settle(intake);
  expect(publisher.messages().map(({ repeated }) => repeated)).toEqual([false, false, false]);
});

it("remembers of QoS 1 what identity alone does not protect, of QoS 2 all that has a durable session", async () => {
  const { intake, publisher } = openIntake();
  intake.receive(arrival({ packetId: 1, payload: reading(1, { time: 1 }) }));
  intake.receive(arrival({ packetId: 2, payload: reading(1) }));
  intake.receive(arrival({ packetId: 3, payload: Buffer.from("rubbish") }));
  intake.receive(arrival({ packetId: 4, payload: Buffer.from("{}") }));
  intake.receive(arrival({ packetId: 5, qos: 2 }));
  intake.receive(arrival({ packetId: 6, qos: 2, isDurable: false }));
  intake.receive(arrival({ packetId: 7, qos: 2, payload: reading(1) }));
  intake.receive(arrival({ packetId: 0, qos: 0, payload: reading(1) }));
  await settle(intake);
  expect(publisher.receipts().map(({ packetId, qos }) => [packetId, qos])).toEqual([
    [2, 1],
    [3, 1],
    [4, 1],
    [7, 1],
  ]);
  expect(publisher.changes()).toEqual([5, 7].map((packetId) => ({ kind: "received", client: "trial/c", packetId })));
});

it("two readings without a time within a millisecond are two observations", async () => {
  const { intake, publisher, clock } = openIntake();
  for (let n = 0; n < 5; n++) intake.receive(arrival({ packetId: n + 1, payload: reading(n) }));
  intake.receive(arrival({ packetId: 9, payload: reading(7, { device: "trial:2" }) }));
  intake.receive(arrival({ packetId: 10, payload: reading(8, { time: 123 }) }));
  clock.advance(1000);
  intake.receive(arrival({ packetId: 11, payload: reading(5) }));
  await settle(intake);
  const times = publisher.messages().map(({ observations }) => observations[0]!.phenomenonTime);
  expect(times).toEqual([...[0, 1, 2, 3, 4, 0].map((ms) => fakeClockStart + ms), 123, fakeClockStart + 1000]);
  expect(publisher.messages()[6]!.message.receivedAt).toBe(fakeClockStart);
});

it("two readings without a time within a millisecond are two observations on different topics too", async () => {
  const { intake, publisher } = openIntake();
  intake.receive(arrival({ packetId: 1, topic: "town/a", payload: reading(1) }));
  intake.receive(arrival({ packetId: 2, topic: "town/b", payload: reading(2) }));
  await settle(intake);
  const times = publisher.messages().map(({ observations }) => observations[0]!.phenomenonTime);
  expect(times).toEqual([fakeClockStart, fakeClockStart + 1]);
});

it("two readings some seconds before one millisecond are two observations, as are those a second later", async () => {
  const road = (message: RawMessage) => {
    const result = trialRoad(message);
    const observations = result.observations.map((one) => ({ ...one, phenomenonTime: message.receivedAt - 5000 }));
    return { ...result, observations, receiptTimed: true };
  };
  const { intake, publisher, clock } = openIntake({ road });
  for (let n = 0; n < 3; n++) intake.receive(arrival({ packetId: n + 1, topic: `town/${n}`, payload: reading(n) }));
  clock.advance(1000);
  intake.receive(arrival({ packetId: 9, payload: reading(9) }));
  await settle(intake);
  const times = publisher.messages().map(({ observations }) => observations[0]!.phenomenonTime - fakeClockStart);
  expect(times).toEqual([-5000, -4999, -4998, -4000]);
});

it("the repeat of an older reading does not make the next ones collide", async () => {
  const { intake, publisher, clock } = openIntake();
  intake.receive(arrival({ packetId: 1, payload: reading(1) }));
  clock.advance(1000);
  intake.receive(arrival({ packetId: 2, payload: reading(2) }));
  intake.receive(arrival({ packetId: 1, payload: reading(1), isDuplicate: true }));
  intake.receive(arrival({ packetId: 3, payload: reading(3) }));
  await settle(intake);
  const times = publisher.messages().map(({ observations }) => observations[0]!.phenomenonTime - fakeClockStart);
  expect(times).toEqual([0, 1000, 0, 1001]);
});

it("a clock that was set back does not hold readings in the future", async () => {
  const { intake, publisher, clock } = openIntake();
  intake.receive(arrival({ packetId: 1, payload: reading(1) }));
  clock.advance(-3_600_000);
  intake.receive(arrival({ packetId: 2, payload: reading(2) }));
  await settle(intake);
  expect(publisher.messages()[1]!.observations[0]!.phenomenonTime).toBe(fakeClockStart - 3_600_000);
});

it("a restart does not give times again that were ahead of the clock, not for lines without a packet id either", async () => {
  const clock = createFakeClock();
  const first = openIntake({ clock: clock.now });
  for (let n = 0; n < 3000; n++) first.intake.receive(arrival({ qos: 0, packetId: 0, payload: reading(n) }));
  await settle(first.intake);
  clock.advance(500);
  const again = openIntake({ clock: clock.now, receipts: first.publisher.snapshot().receipts });
  again.intake.receive(arrival({ qos: 0, packetId: 0, payload: reading(5000) }));
  again.intake.receive(arrival({ qos: 0, packetId: 0, payload: reading(5001), topic: "town/other" }));
  await settle(again.intake);
  const timesOf = ({ publisher }: typeof first) =>
    publisher.messages().map(({ observations }) => observations[0]!.phenomenonTime - fakeClockStart);
  expect(timesOf(first)).toEqual(Array.from({ length: 3000 }, (_, n) => n));
  expect(timesOf(again)).toEqual([3000, 3001]);
  clock.advance(10_000);
  const late = openIntake({ clock: clock.now, receipts: again.publisher.snapshot().receipts });
  late.intake.receive(arrival({ payload: reading(1) }));
  await settle(late.intake);
  expect(timesOf(late)).toEqual([10_500]);
});

it("what would be more than a minute ahead of the clock is refused with its bytes, never given a time that is taken", async () => {
  const { intake, publisher, clock } = openIntake();
  for (let n = 0; n < 60_500; n++) intake.receive(arrival({ qos: 0, packetId: 0, payload: reading(n) }));
  clock.advance(-1000);
  intake.receive(arrival({ qos: 0, packetId: 0, payload: reading(1) }));
  clock.advance(3000);
  intake.receive(arrival({ qos: 0, packetId: 0, payload: reading(2) }));
  intake.receive(arrival({ qos: 0, packetId: 0, payload: reading(3, { device: "trial:2" }) }));
  await settle(intake);
  const all = publisher.messages();
  const times = all.flatMap(({ observations }) =>
    observations.filter(({ datastream }) => datastream === "trial:1/level"),
  );
  expect(new Set(times.map(({ phenomenonTime }) => phenomenonTime)).size).toBe(60_002);
  expect(all.slice(60_001, -2)).toHaveLength(500);
  for (const { refusals } of all.slice(60_001, -2)) expect(refusals).toMatchObject([{ code: "invalid_time" }]);
  expect(all.at(-1)!.observations[0]!.phenomenonTime).toBe(fakeClockStart + 2000);
});

it("runs a message without a time down the road once, where its topic tells its device", async () => {
  const road = vi.fn<(message: RawMessage) => ReturnType<typeof trialRoad>>(trialRoad);
  const { intake } = openIntake({ road });
  for (let n = 0; n < 10; n++) intake.receive(arrival({ packetId: n + 1, payload: reading(n) }));
  expect(road).toHaveBeenCalledTimes(10);
  await settle(intake);
});

it("a message to a topic that is not the credential's goes to the quarantine, and is acknowledged", async () => {
  const { intake, publisher } = openIntake();
  const sender = recorder();
  intake.receive(arrival({ topic: "bus/1", payload: reading(1) }), sender);
  await settle(intake);
  expect(publisher.messages()).toMatchObject([{ observations: [], refusals: [{ code: "foreign_device" }] }]);
  expect(sender.replies).toHaveLength(1);
});

it("a road that throws costs no message: it goes to the quarantine, and somebody is told", async () => {
  const { intake, publisher, log } = openIntake({
    road() {
      throw new Error("planted");
    },
  });
  intake.receive(arrival());
  await settle(intake);
  expect(publisher.messages()).toMatchObject([{ refusals: [{ code: "malformed" }] }]);
  expect(log.error).toHaveBeenCalledTimes(1);
});

it("an adoption that throws costs no message: it goes to the quarantine, and somebody is told", async () => {
  const road = (message: RawMessage) => {
    const thing = { id: "none", name: "none", domain: "water", operator: "town" } as const;
    return { ...trialRoad(message), adopted: [{ device: { id: "trial:--", thing: "none" }, thing }] };
  };
  const { intake, publisher, log } = openIntake({
    road,
    adopt() {
      throw new Error("planted");
    },
  });
  const sender = recorder();
  intake.receive(arrival(), sender);
  await settle(intake);
  expect(publisher.messages()).toMatchObject([
    { device: "trial:1", observations: [], refusals: [{ code: "malformed" }] },
  ]);
  expect(sender.replies).toHaveLength(1);
  expect(log.error).toHaveBeenCalledTimes(1);
});

it("what listens to commits may throw: everybody is told all the same, and the next batch is committed", async () => {
  const { intake, publisher, log } = openIntake({
    onCommit() {
      throw new Error("planted");
    },
  });
  const sender = recorder();
  intake.receive(arrival(), sender);
  await settle(intake);
  intake.receive(arrival({ packetId: 2 }), sender);
  await settle(intake);
  expect(publisher.messages()).toHaveLength(2);
  expect(sender.replies).toHaveLength(2);
  expect(intake.state()).toEqual({ pendingMessages: 0, pendingBytes: 0 });
  expect(log.error).toHaveBeenCalled();
});

it("makes adoptions durable before the observations, and takes none of a foreign thing", async () => {
  const adopted = ["mine", "foreign"].map((id): DeviceAndThing => ({
    device: { id: `trial:${id}`, thing: id },
    thing: { id, name: id, domain: "water", operator: "town" },
  }));
  const order: string[] = [];
  const road = (message: RawMessage) => {
    const result = trialRoad(message);
    const [observation] = result.observations;
    const of = (thing: string) => ({ ...observation!, datastream: `${thing}/level` });
    return { ...result, adopted, observations: [of("mine"), of("foreign")] };
  };
  const { intake, publisher } = openIntake({
    road,
    adopt: (list) => {
      order.push("adopt");
      return list.filter(({ thing }) => thing.id === "foreign");
    },
    async flushAdoptions() {
      order.push(`flush before ${publisher.attempts() + 1}`);
    },
  });
  intake.receive(arrival());
  await settle(intake);
  expect(order).toEqual(["adopt", "flush before 1"]);
  expect(publisher.messages()).toMatchObject([
    { observations: [{ datastream: "mine/level" }], refusals: [{ code: "unknown_device", device: "trial:foreign" }] },
  ]);
});

it("a flush of adoptions that fails holds the batch back", async () => {
  let isBroken = true;
  const { intake, publisher } = openIntake({
    async flushAdoptions() {
      if (isBroken) throw new Error("planted");
    },
  });
  intake.receive(arrival());
  await eventually("the failure", () => intake.state().failingForMs !== undefined);
  expect(publisher.attempts()).toBe(0);
  isBroken = false;
  await settle(intake);
  expect(publisher.messages()).toHaveLength(1);
});

it("ends with what is in hand, and says what it had to leave behind", async () => {
  const { intake, publisher, log } = openIntake();
  const sender = recorder();
  intake.receive(arrival(), sender);
  await intake.close();
  expect(publisher.messages()).toHaveLength(1);
  expect(log.error).not.toHaveBeenCalled();

  const broken = openIntake();
  broken.publisher.become("fail");
  broken.intake.receive(arrival(), sender);
  await broken.intake.close(50);
  expect(broken.log.error).toHaveBeenCalledTimes(1);
  expect(sender.replies).toHaveLength(1);
});
