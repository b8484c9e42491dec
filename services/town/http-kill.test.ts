import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { deviceName, prepareTown, startTownProcess, tagBase, type TrialAccess } from "@messnetz/bench";
import { createTemporaryFolder, freePort } from "@messnetz/testing";
import { expect, it } from "vitest";
import { createTownClient } from "./town-client.fixture.ts";

const isFull = process.env["MESSNETZ_TRIALS"] === "full";
const rounds = isFull ? 20 : 2;
const batchLines = 200;
const again = 20;
const startsAt = 1_780_000_000;

/** A device that posts and never gives up: the same request until somebody answers it. */
function createPoster(at: { readonly port: number; readonly access: TrialAccess }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { username, secret } = at.access;

  async function once(path: string, body: string, key: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const asked = request(
      {
        agent,
        host: "127.0.0.1",
        port: at.port,
        method: "POST",
        path: `/api/v1/messages/${path}`,
        auth: `${username}:${secret}`,
        headers: { "idempotency-key": key },
      },
      (reply) => {
        let text = "";
        reply.setEncoding("utf8");
        reply.on("data", (some: string) => (text += some));
        reply.on("error", reject);
        reply.on("end", () => {
          if (reply.statusCode === 200) resolve(text);
          else reject(new Error(`${reply.statusCode} ${text}`));
        });
      },
    );
    asked.on("error", reject);
    asked.end(body);
    return promise;
  }

  return async function post(path: string, body: string, key: string): Promise<string> {
    for (;;) {
      try {
        return await once(path, body, key);
      } catch {
        await delay(again);
      }
    }
  };
}

/** Every second one without a time of its own: only its key tells a repeat of it from a new message. */
function payloadOf(device: number, sequence: number): string {
  const time = sequence % 2 === 0 ? `"bt":${startsAt + sequence},` : "";
  return `[{"bn":"${deviceName(device)}:",${time}"n":"water_level","u":"m","v":${sequence / 1000}}]`;
}

it(
  `keeps every message that was answered with 200 through ${rounds} kills, single or in batches, none twice`,
  async () => {
    await using folder = await createTemporaryFolder();
    const access = await prepareTown(folder.path);
    const port = await freePort();
    const env = { MESSNETZ_MQTT_PORT: "0", MESSNETZ_HTTP_PORT: String(port) };
    const seed = Date.now() % 1_000_000;
    let spin = seed;
    const random = () => (spin = (Math.imul(spin, 1_103_515_245) + 12_345) & 0x7fffffff) / 0x7fffffff;
    let town = await startTownProcess(folder.path, { env });
    const answered = new Map<number, number>();
    const note = (tag: number) => answered.set(tag, (answered.get(tag) ?? 0) + 1);
    let isOver = false;

    const singles = Array.from({ length: 3 }, async (_, device) => {
      const post = createPoster({ port, access });
      for (let sequence = 0; !isOver; sequence++) {
        const text = await post(`load/${device}`, payloadOf(device, sequence), `one-${device}-${sequence}`);
        expect(text).toMatch(/"outcome":"(?:stored|duplicate)"/);
        note(device * tagBase + sequence);
      }
    });
    const batches = Array.from({ length: 2 }, async (_, n) => {
      const post = createPoster({ port, access });
      const device = 10 + n;
      for (let first = 0; !isOver; first += batchLines) {
        const lines = Array.from({ length: batchLines }, (_line, line) => payloadOf(device, first + line));
        const text = await post(`load/${device}?each=line`, lines.join("\n"), `batch-${device}-${first}`);
        expect(text).toMatch(/"complete":true/);
        for (let line = 0; line < batchLines; line++) note(device * tagBase + first + line);
      }
    });

    for (let round = 0; round < rounds; round++) {
      await delay(300 + random() * (isFull ? 2500 : 700));
      await town.child.kill();
      town = await startTownProcess(folder.path, { env });
    }
    isOver = true;
    await Promise.all([...singles, ...batches]);
    // The last kill: what was answered just now must not depend on an end in order.
    await town.child.kill();
    town = await startTownProcess(folder.path, { env });

    const client = createTownClient(town.url, access.token);
    const stored = await client.loadTags();
    const lost = [...answered.keys()].filter((tag) => !stored.has(tag));
    const twice = [...stored].filter(([, count]) => count > 1).map(([tag]) => tag);
    expect({ seed, lost, twice }).toEqual({ seed, lost: [], twice: [] });
    expect(answered.size).toBeGreaterThan(rounds * 100);
    for (const row of await client.ledger()) {
      const { received, stored: kept, partial, skipped, duplicate, quarantined, refused } = row;
      expect(received).toBe(kept + partial + skipped + duplicate + quarantined + refused);
      expect(partial + skipped + quarantined + refused).toBe(0);
    }
    await town.child.stop();
    process.stdout.write(
      `HTTP kill trial: seed ${seed}, ${rounds} kills, ${answered.size} messages answered, 0 lost, 0 twice\n`,
    );
  },
  isFull ? 300_000 : 90_000,
);
