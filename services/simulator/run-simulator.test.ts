import { findProgram, startMosquitto } from "@messnetz/testing";
import { connectAsync } from "mqtt";
import { expect, it } from "vitest";
import type { Emission } from "./emission.ts";
import { runSimulator } from "./run-simulator.ts";
import { createSimulatedTown } from "./simulated-town.ts";

const town = createSimulatedTown({ seed: 1, inhabitants: 400 });
const credentials = new Map(town.sources.map(({ id }) => [id, "any"]));

it.skipIf(findProgram("mosquitto") === undefined)(
  "publishes the town's messages over TCP until it is told to stop",
  async () => {
    await using mosquitto = await startMosquitto();
    const heard: string[] = [];
    const listener = await connectAsync(mosquitto.url);
    listener.on("message", (topic, payload) => void heard.push(`${topic} ${payload.toString()}`));
    await listener.subscribeAsync("#", { qos: 1 });

    const stop = new AbortController();
    const published: Emission[] = [];
    const from = Date.now() - 3_600_000;
    const result = await runSimulator({
      url: mosquitto.url,
      town,
      credentials,
      signal: stop.signal,
      from,
      speed: 600,
      onPublished(emission) {
        published.push(emission);
        if (published.length === 500) stop.abort();
      },
    });
    expect(result).toEqual({ published: published.length, failed: 0 });

    const last = published.at(-1)!;
    const expected = town
      .emissions({ from, to: last.sentAt + 60_000 })
      .map(({ topic, payload }) => `${topic} ${payload}`);
    await expect.poll(() => heard.length).toBe(published.length);
    const known = new Set(expected);
    expect(heard.filter((message) => !known.has(message))).toEqual([]);
    expect(published.every(({ sentAt }) => sentAt <= Date.now())).toBe(true);
    await listener.endAsync();
  },
);

it.skipIf(findProgram("mosquitto") === undefined)(
  "ends in time where nothing is acknowledged any more, and says how much",
  async () => {
    await using mosquitto = await startMosquitto();
    const stop = new AbortController();
    let published = 0;
    let stoppedAt = Number.POSITIVE_INFINITY;
    const running = runSimulator({
      url: mosquitto.url,
      town,
      credentials,
      signal: stop.signal,
      from: Date.now() - 3_600_000,
      speed: 600,
      onPublished() {
        if (++published !== 20) return;
        mosquitto.child.signal("SIGSTOP");
        stoppedAt = performance.now();
      },
    });
    // By then the town has gone on for some steps, and sent more.
    await expect.poll(() => performance.now() - stoppedAt).toBeGreaterThan(400);
    stop.abort();
    const result = await running;
    expect(result.published).toBe(published);
    expect(result.failed).toBeGreaterThan(0);
    await mosquitto.child.kill();
  },
);

it("says which credential could not connect, and where to", async () => {
  const running = runSimulator({
    url: "mqtt://127.0.0.1:1",
    town,
    credentials: new Map([["stadtwerke-senml", "any"]]),
    signal: new AbortController().signal,
  });
  await expect(running).rejects.toThrow(/stadtwerke-senml could not connect to mqtt:\/\/127\.0\.0\.1:1/);
});
