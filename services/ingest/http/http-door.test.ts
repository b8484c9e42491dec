import { once } from "node:events";
import { connect } from "node:net";
import { eventually } from "@messnetz/testing";
import { describe, expect, test } from "vitest";
import { openTrialDoor, reading, type TrialDoor, type TrialOptions, trialPassword } from "../trial-door.fixture.ts";

const authorization = `Basic ${Buffer.from(`trial:${trialPassword}`).toString("base64")}`;

async function post(
  door: TrialDoor,
  path: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
) {
  const reply = await fetch(`${door.url}/api/v1/messages${path}`, {
    method: "POST",
    headers: { authorization, ...headers },
    body: body as string,
  });
  const text = await reply.text();
  return { status: reply.status, retryAfter: reply.headers.get("retry-after"), text };
}

async function openRaw(door: TrialDoor, path: string) {
  const { port } = new URL(door.url);
  const socket = connect(Number(port), "127.0.0.1");
  await once(socket, "connect");
  let text = "";
  let isClosed = false;
  socket.on("data", (bytes: Buffer) => (text += bytes.toString()));
  socket.on("close", () => (isClosed = true));
  socket.on("error", () => {});
  socket.write(
    `POST /api/v1/messages${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ntransfer-encoding: chunked\r\n\r\n`,
  );
  return {
    write: (some: string) =>
      void (socket.destroyed || socket.write(`${Buffer.byteLength(some).toString(16)}\r\n${some}\r\n`)),
    finish: () => void socket.write("0\r\n\r\n"),
    text: () => text,
    isClosed: () => isClosed,
    pause: () => void socket.pause(),
    destroy: () => void socket.destroy(),
  };
}

const patient: TrialOptions = { config: { MESSNETZ_INTAKE_CLOSE_AFTER_MS: "200" } };

describe("while the store fails", () => {
  test("what waits is answered with 503 in the end, what comes with 503 at once; nothing with 2xx before the commit", async () => {
    await using door = await openTrialDoor(patient);
    door.publisher.become("fail");
    const first = post(door, "/town/1", reading(1));
    await eventually("the store to fail", () => door.intake.isPaused());
    const second = await post(door, "/town/1", reading(2));
    expect(second).toMatchObject({ status: 503, retryAfter: "5" });
    expect(await first).toMatchObject({ status: 503 });
    expect((await post(door, "/town?each=line", reading(3))).status).toBe(503);
    door.publisher.become("commit");
    await eventually("it to be back", () => door.intake.isAvailable() && !door.intake.isPaused());
    expect((await post(door, "/town/1", reading(4))).status).toBe(200);
    // The first was taken, and nobody was told that it was: both are right.
    expect(door.publisher.messages().map(({ observations }) => observations[0]?.result)).toEqual([1, 4]);
  });

  test("a store that hangs and comes back answers what waited", async () => {
    await using door = await openTrialDoor();
    door.publisher.become("hang");
    const waiting = post(door, "/town/1", reading(1));
    await eventually("it to be in hand", () => door.publisher.attempts() === 1);
    expect(await Promise.race([waiting, Promise.resolve("nothing")])).toBe("nothing");
    door.publisher.become("commit");
    expect((await waiting).status).toBe(200);
  });

  test("a batch that has begun says where it broke off, and its answer is not whole", async () => {
    await using door = await openTrialDoor(patient);
    const raw = await openRaw(door, "/town/1?each=line");
    raw.write(`${reading(1).toString()}\n`);
    await eventually("the first line", () => raw.text().includes('"line":1'));
    door.publisher.become("fail");
    raw.write(`${reading(2).toString()}\n`);
    await eventually("the end", () => raw.isClosed());
    expect(raw.text()).toMatch(/"lines":2,"stored":1.*"unanswered":1.*"complete":false/);
    expect(raw.text()).not.toContain("\r\n0\r\n");
  });
});

describe("a batch", () => {
  test("is read no faster than it becomes durable, in memory that is bounded", async () => {
    await using door = await openTrialDoor({ config: { MESSNETZ_MQTT_MAX_IN_FLIGHT_BYTES: "100000" } });
    door.publisher.become("hang");
    const raw = await openRaw(door, "/town/1?each=line");
    const lines = Array.from({ length: 20_000 }, (_, n) => reading(n, { time: n }).toString());
    raw.write(`${lines.join("\n")}\n`);
    raw.finish();
    await eventually("some to be in hand", () => door.intake.state().pendingMessages > 100);
    let last = -1;
    await eventually("it to stand still", () => {
      const now = door.intake.state().pendingMessages;
      const isStill = now === last;
      last = now;
      return isStill;
    });
    expect(door.intake.state().pendingBytes).toBeLessThan(110_000);
    door.publisher.become("commit");
    await eventually("all to be answered", () => raw.text().includes("summary"));
    expect(raw.text()).toContain('"lines":20000,"stored":20000');
    expect(door.publisher.messages()).toHaveLength(20_000);
  });

  test("whose answers nobody reads is cut off", async () => {
    await using door = await openTrialDoor({ config: { MESSNETZ_MQTT_WRITE_TIMEOUT_MS: "200" } });
    const raw = await openRaw(door, "/town/1?each=line");
    raw.pause();
    const lines = "x\n".repeat(100_000);
    for (let n = 0; n < 10; n++) raw.write(lines);
    await eventually("some to be taken", () => door.publisher.messages().length > 0);
    await eventually("it to be given up", () => door.openByHttp() === 0);
    expect(door.publisher.messages().length).toBeLessThan(1_000_000);
    raw.destroy();
  });

  test("more than may be under way are told to come again", async () => {
    await using door = await openTrialDoor({ config: { MESSNETZ_HTTP_DOOR_BATCHES: "2" } });
    const raws = [await openRaw(door, "?each=line"), await openRaw(door, "?each=line")];
    await eventually("both to be let in", async () => (await post(door, "?each=line", "")).status === 429);
    for (const raw of raws) raw.finish();
    const over = () => post(door, "?each=line", "", { "content-type": "application/x-ndjson" });
    expect(await eventually("both to be over", async () => (await over()).status === 200)).toBe(true);
  });

  test("ends in order when the door closes: what was taken is answered, and nothing after", async () => {
    const door = await openTrialDoor();
    const raw = await openRaw(door, "/town/1?each=line");
    raw.write(`${reading(1).toString()}\n`);
    await eventually("the first line", () => raw.text().includes('"line":1'));
    await door[Symbol.asyncDispose]();
    expect(raw.text()).toMatch(/"lines":1,"stored":1.*"complete":false/);
  });
});

test("a request that is none of the door's is refused", async () => {
  await using door = await openTrialDoor();
  const get = await fetch(`${door.url}/api/v1/messages/town/1`, { headers: { authorization } });
  expect(get.status).toBe(404);
  expect((await fetch(`${door.url}/api/v1/things`, { method: "POST", headers: { authorization } })).status).toBe(404);
});
