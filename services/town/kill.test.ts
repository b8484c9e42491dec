import { setTimeout as delay } from "node:timers/promises";
import { createLoad, createPublisher, deviceName, prepareTown, startTownProcess, tagBase } from "@messnetz/bench";
import { createTemporaryFolder, freePort } from "@messnetz/testing";
import { expect, it } from "vitest";
import { createTownClient } from "./town-client.fixture.ts";

const isFull = process.env["MESSNETZ_TRIALS"] === "full";
const rounds = isFull ? 20 : 2;
const connections = 4;
const devicesEach = 5;
const pauseMs = 2;

/**
 * The promise of promises: a PUBACK means stored. The town is ended with SIGKILL at random moments under load; the publishers are devices
 * that send again with DUP what was not acknowledged. Half of the connections send messages without a time of their own, which only the
 * memory of deliveries can tell from new ones.
 */
it(
  `keeps every acknowledged message through ${rounds} kills under load, none twice, and its ledger balances`,
  async () => {
    await using folder = await createTemporaryFolder();
    const access = await prepareTown(folder.path);
    const port = await freePort();
    const env = { MESSNETZ_MQTT_PORT: String(port) };
    const seed = Date.now() % 1_000_000;
    let spin = seed;
    const random = () => (spin = (Math.imul(spin, 1_103_515_245) + 12_345) & 0x7fffffff) / 0x7fffffff;

    let town = await startTownProcess(folder.path, { env });
    const acknowledged = new Map<number, number>();
    const startsAt = Date.now() - 86_400_000;
    const publishers = Array.from({ length: connections }, (_, index) => {
      const isTimed = index % 2 === 0;
      const firstDevice = index * devicesEach;
      const timed = createLoad({ devices: devicesEach, firstDevice, startsAt });
      let sent = 0;
      // Untimed messages are slow: two of one device in one millisecond are the intake's business, and tried there.
      const untimed = () => {
        const device = firstDevice + (sent % devicesEach);
        const sequence = Math.floor(sent++ / devicesEach);
        const payload = `[{"bn":"${deviceName(device)}:","n":"water_level","u":"m","v":${sequence / 1000}}]`;
        return {
          topic: Buffer.from(`load/${device}`),
          payload: [Buffer.from(payload)],
          tag: device * tagBase + sequence,
        };
      };
      let isReady = false;
      setInterval(() => (isReady = true), pauseMs).unref();
      return createPublisher({
        host: "127.0.0.1",
        port,
        clientId: `trial-${index}`,
        username: access.username,
        password: access.secret,
        window: 50,
        reconnects: true,
        next() {
          if (isTimed) return timed();
          if (!isReady) return undefined;
          isReady = false;
          return untimed();
        },
        onAcknowledged: (tag) => acknowledged.set(tag, (acknowledged.get(tag) ?? 0) + 1),
      });
    });
    const pumping = setInterval(() => publishers.forEach((publisher) => publisher.pump()), pauseMs);

    for (let round = 0; round < rounds; round++) {
      await delay(300 + random() * (isFull ? 2500 : 700));
      await town.child.kill();
      town = await startTownProcess(folder.path, { env });
    }
    clearInterval(pumping);
    for (const publisher of publishers) publisher.exhaust();
    await Promise.all(publishers.map(async (publisher) => publisher.done));
    // The last kill: what was acknowledged just now must not depend on an end in order.
    await town.child.kill();
    town = await startTownProcess(folder.path, { env });

    const client = createTownClient(town.url, access.token);
    const stored = await client.loadTags();
    const observations = [...stored.values()].reduce((sum, count) => sum + count, 0);
    const lost = [...acknowledged.keys()].filter((tag) => !stored.has(tag));
    const twice = [...stored].filter(([, count]) => count > 1).map(([tag]) => tag);
    expect({ seed, lost, twice }).toEqual({ seed, lost: [], twice: [] });
    expect(acknowledged.size).toBeGreaterThan(rounds * 10);

    const ledger = await client.ledger();
    for (const row of ledger) {
      const { received, stored: kept, partial, skipped, duplicate, quarantined, refused } = row;
      expect(received).toBe(kept + partial + skipped + duplicate + quarantined + refused);
      expect(partial + skipped + quarantined + refused).toBe(0);
    }
    const sum = (pick: (row: (typeof ledger)[number]) => number) => ledger.reduce((total, row) => total + pick(row), 0);
    expect(sum((row) => row.stored)).toBe(observations);
    expect(sum((row) => row.observations)).toBe(await client.count());
    await town.child.stop();
    process.stdout.write(
      `kill trial: seed ${seed}, ${rounds} kills, ${acknowledged.size} messages acknowledged, 0 lost, 0 twice, ` +
        `${sum((row) => row.duplicate)} sent again and recognised\n`,
    );
  },
  isFull ? 300_000 : 90_000,
);
