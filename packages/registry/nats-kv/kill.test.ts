import { once } from "node:events";
import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { eventually, type Nats, startNats } from "@messnetz/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Registry } from "../port.ts";
import { describeAtNats } from "./describe-at-nats.fixture.ts";
import { createNatsRegistryPlace, type NatsRegistryPlace } from "./nats-registry.fixture.ts";

const rounds = process.env["MESSNETZ_TRIALS"] === "full" ? 20 : 2;
/** In one change: several messages of the log. */
const things = 2_500;

/** Writes change after change, each of all things, which all get its number as their name; prints each number when it is durable. */
const writer = (url: string, keyFile: string, from: number): string => `
  import { connectNats } from ${JSON.stringify(new URL("../../nats/index.ts", import.meta.url).href)};
  import { openNatsRegistry } from ${JSON.stringify(new URL("../index.ts", import.meta.url).href)};
  const link = await connectNats({ urls: [${JSON.stringify(url)}], name: "writer" });
  const registry = await openNatsRegistry({ link, keyFile: ${JSON.stringify(keyFile)} });
  for (let n = ${from}; ; n++) {
    await registry.apply(Array.from({ length: ${things} }, (_, at) => ({
      kind: "put-thing",
      thing: { id: "t" + at, name: String(n), domain: "water", operator: "works", tags: ["x".repeat(60)] },
    })));
    process.stdout.write(n + "\\n");
  }`;

/** The number that all things have; fails where they have several. */
function numberOf(registry: Registry): number {
  const names = new Set(registry.things({}).map(({ name }) => name));
  expect(names.size).toBeLessThanOrEqual(1);
  return Number([...names][0] ?? 0);
}

describeAtNats("the registry, killed with -9", (version) => {
  let nats: Nats;
  let place: NatsRegistryPlace;
  let following = true;
  beforeAll(async () => {
    nats = await startNats({ version });
  });
  afterAll(async () => nats.stop());
  beforeEach(async () => {
    place = await createNatsRegistryPlace(nats);
    following = true;
  });
  afterEach(async () => {
    following = false;
    await place.dispose();
  });

  /** Looks at each change that the registry sees; `stop` rejects where one was seen in part. */
  function watch(registry: Registry): { seen(): number; readonly failed: Promise<void>; stop(): Promise<void> } {
    const seen = new Set<number>();
    const watching = (async () => {
      for (let at = 0; following; await delay(1)) {
        if (registry.version === at) continue;
        at = registry.version;
        seen.add(numberOf(registry));
      }
    })();
    watching.catch(() => undefined);
    return {
      seen: () => seen.size,
      failed: watching,
      async stop() {
        following = false;
        await watching;
      },
    };
  }

  it("is changed whole or not at all when the writing process is killed", async () => {
    const reader = await place.open();
    await reader.putOperator({ id: "works", name: "Works" });
    const watched = watch(reader);
    let last = 0;
    for (let round = 0; round < rounds; round++) {
      const script = writer(nats.url, place.keyFile, last + 1);
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let output = "";
      child.stdout.on("data", (data: Buffer) => (output += data.toString()));
      const before = watched.seen();
      const isSeen = () => output.split("\n").length > 2 + (round % 7) && watched.seen() > before;
      await Promise.race([eventually("some changes", isSeen, 30_000), watched.failed]);
      await delay((round * 7.3) % 40);
      child.kill("SIGKILL");
      await once(child, "close");
      const durable = Number(output.trimEnd().split("\n").at(-1));
      await reader.check();
      const fresh = await place.open();
      expect(numberOf(fresh)).toBe(numberOf(reader));
      expect(fresh.things({})).toHaveLength(things);
      // The one that it was writing may have become whole before it could say so.
      expect([durable, durable + 1]).toContain(numberOf(fresh));
      last = numberOf(fresh);
      await fresh.close();
    }
    await watched.stop();
  }, 300_000);

  it("is changed whole or not at all when the server is killed, and keeps what was durable", async () => {
    const one = await place.open({ writeTimeoutMs: 20_000 });
    const two = await place.open();
    await one.putOperator({ id: "works", name: "Works" });
    const watched = watch(two);
    let durable = 0;
    let tried = 0;
    const writing = (async () => {
      while (following) {
        const name = String(++tried);
        const changes = Array.from({ length: things }, (_, at) => ({
          kind: "put-thing" as const,
          thing: { id: `t${at}`, name, domain: "water" as const, operator: "works", tags: ["x".repeat(60)] },
        }));
        await one.apply(changes);
        durable = tried;
      }
    })();
    writing.catch(() => undefined);
    for (let round = 0; round < rounds; round++) {
      const [before, seen] = [durable, watched.seen()];
      const isSeen = () => durable > before + 1 + (round % 5) && watched.seen() > seen;
      await Promise.race([eventually("some changes", isSeen, 30_000), writing, watched.failed]);
      await delay((round * 7.3) % 40);
      await nats.kill();
      await nats.restart();
      const fresh = await place.open();
      expect(numberOf(fresh)).toBeGreaterThanOrEqual(before);
      await fresh.close();
    }
    await watched.stop();
    await writing;
    await eventually("both to be back", async () => {
      await Promise.all([one.check(), two.check()]);
      return true;
    });
    expect([numberOf(two), numberOf(one), numberOf(await place.open())]).toEqual([durable, durable, durable]);
  }, 300_000);
});
