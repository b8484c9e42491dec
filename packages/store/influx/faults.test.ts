import { setTimeout as delay } from "node:timers/promises";
import type { Observation } from "@messnetz/model";
import { eventually, findInfluxServers, type Influx, startInflux } from "@messnetz/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ObservationsRefusedError, StoreUnavailableError } from "../errors.ts";
import { collect, minuteMs, observation, series, start } from "../samples.fixture.ts";
import type { InfluxEvent, InfluxStore, InfluxStoreOptions } from "./options.ts";
import { openInfluxStore } from "./store.ts";
import { accountOf, ask, writeLines } from "./trial-influx.fixture.ts";
import { type HttpFront, openHttpFront, openTcpProxy, type TcpProxy } from "./trial-proxy.fixture.ts";

const isFull = process.env["MESSNETZ_TRIALS"] === "full";
/** A tenth of a second apart: all of them in one shard. */
const dense = (count: number): Observation[] =>
  Array.from({ length: count }, (_, n) =>
    observation({ datastream: "a/level", phenomenonTime: start + n * 100, result: n }),
  );
const killRounds = isFull ? 10 : 1;

for (const generation of [1, 2] as const) {
  const server = findInfluxServers().find((one) => one.generation === generation);
  describe.skipIf(server === undefined)(`InfluxDB ${server?.version ?? `${generation} IS MISSING`} in trouble`, () => {
    let influx: Influx;
    let database: string;
    let made = 0;
    let events: InfluxEvent[];
    const opened: { close(): Promise<void> }[] = [];

    beforeAll(async () => {
      influx = await startInflux({ version: generation });
    }, 60_000);
    afterAll(() => influx.stop());
    beforeEach(async () => {
      database = `trouble${made++}`;
      events = [];
      await influx.createDatabase(database, 0);
    });
    afterEach(async () => {
      for (const one of opened.splice(0).toReversed()) await one.close();
    });

    const open = async (change: Partial<InfluxStoreOptions> = {}): Promise<InfluxStore> => {
      const onEvent = (event: InfluxEvent): void => void events.push(event);
      const store = await openInfluxStore({
        ...accountOf(influx),
        database,
        domainOf: () => "water",
        onEvent,
        ...change,
      });
      opened.push(store);
      return store;
    };
    const behindFront = async (): Promise<{ store: InfluxStore; front: HttpFront }> => {
      const front = await openHttpFront(influx.url);
      opened.push(front);
      return { front, store: await open({ url: front.url, timeoutMs: 10_000 }) };
    };
    const behindProxy = async (): Promise<{ store: InfluxStore; proxy: TcpProxy }> => {
      const proxy = await openTcpProxy(influx.port);
      opened.push(proxy);
      return { proxy, store: await open({ url: proxy.url, timeoutMs: 1500 }) };
    };
    const stored = async (property: string): Promise<unknown> =>
      (await ask(influx, `SELECT count(received) FROM "${property}"`, database))[0]?.[1] ?? 0;

    it("stores the good lines around a bad one and gives the bad ones back", async () => {
      const store = await open();
      // Another client has made a text of what we write as numbers.
      await writeLines(influx, [`strange,domain=water,thing=else value="text",revision=1 ${start}`], database);
      const rows: Observation[] = series("a/level", 5000);
      rows[17] = observation({ datastream: "a/strange", phenomenonTime: start + 1 });
      rows[1000] = observation({ datastream: "a/level", phenomenonTime: start - 1, result: Number.NaN });
      rows[2222] = observation({ datastream: "a/door_state", result: "half\udc00" });
      rows[4998] = observation({ datastream: "b/strange", phenomenonTime: start + 2 });
      rows[4999] = observation({ datastream: "a/level", phenomenonTime: 9e15 });
      const { fates, write } = await store.prepare(rows);
      expect(fates.every((fate) => fate === 1)).toBe(true);
      const { refused } = await write();
      expect(refused.map(({ index }) => index)).toEqual([17, 1000, 2222, 4998, 4999]);
      expect(refused[0]!.reason).toContain("type conflict");
      expect(await stored("level")).toBe(4995);
      expect(await collect(store.read({}))).toHaveLength(4995);
      expect((await store.latest({})).map(({ datastream }) => datastream)).toEqual(["a/level"]);
      expect(events).toMatchObject([{ kind: "refused", count: 5 }]);
      const again = await store.write(rows).catch((error: unknown) => error);
      expect(again).toBeInstanceOf(ObservationsRefusedError);
      expect((again as ObservationsRefusedError).refused).toHaveLength(5);
    });

    it("finds a whole property that cannot be stored in few requests", async () => {
      const { store, front } = await behindFront();
      await writeLines(influx, [`strange,domain=water,thing=else value="text",revision=1 ${start}`], database);
      const rows = dense(3000).flatMap((row) => [row, { ...row, datastream: "a/strange" }]);
      const { refused } = await (await store.prepare(rows)).write();
      expect(refused.map(({ index }) => index)).toEqual(rows.flatMap((_, index) => (index % 2 === 1 ? [index] : [])));
      expect(await stored("level")).toBe(3000);
      // One by one they would be 3,000.
      expect(front.requests).toBeLessThan(20);
    });

    it("gives back what is older than the database keeps", async () => {
      const kept = `${database}kept`;
      await influx.createDatabase(kept, 7200);
      const store = await open({ database: kept });
      const now = Date.now();
      const rows = Array.from({ length: 50 }, (_, n) => observation({ phenomenonTime: now - 50_000 + n }));
      const { refused } = await (
        await store.prepare([...rows.slice(0, 20), observation({}), ...rows.slice(20)])
      ).write();
      expect(refused.map(({ index }) => index)).toEqual([20]);
      expect(refused[0]!.reason).toMatch(/retention/i);
      expect(await store.count({})).toBe(50);
    });

    it("lets no name and no word reach the database as anything else", async () => {
      const store = await open();
      await store.write([...series("a/level", 3), observation({ datastream: "a/door_state", result: "shut" })]);
      const picture = async (): Promise<unknown> => [
        await ask(influx, "SHOW DATABASES"),
        await ask(influx, "SHOW SERIES", database),
        await ask(influx, "SELECT count(received) FROM level, door_state", database),
      ];
      const before = await picture();
      const hostile = [
        `a"; DROP DATABASE ${database}; --/level`,
        `a' OR 'x' = 'x/level`,
        `a/level"; DROP MEASUREMENT "level`,
        "a/level,thing=b value=1 1\nlevel,thing=b",
        "a/level.x y",
        "a/level.' OR 1=1 --",
        "/level",
        "a\\/level",
        "$v0/level",
        "a/Level",
      ];
      const { refused } = await (await store.prepare(hostile.map((datastream) => observation({ datastream })))).write();
      expect(refused).toHaveLength(hostile.length);
      for (const name of hostile) {
        const queries = [{ datastreams: [name] }, { things: [name] }, { properties: [name] }];
        for (const query of queries) {
          expect(await collect(store.read(query))).toEqual([]);
          expect(await store.count(query)).toBe(0);
          expect(await store.latest(query)).toEqual([]);
          expect(await store.remove(query)).toMatchObject({ observations: 0, datastreams: 0 });
        }
        await collect(store.read({ after: { datastream: name, phenomenonTime: start, ordinal: 0 } }));
      }
      expect(await picture()).toEqual(before);
      const words = [
        'x" 1\nlevel,thing=b value=1 1',
        "'; DROP DATABASE x; --",
        "\\",
        '\\"',
        "a\\nb",
        "\r\n\r\n",
        "name,tags,time",
        "  spaces  ",
        "\u0000\u0001",
        '""',
      ];
      const spoken = words.map((result, n) =>
        observation({ datastream: "a/door_state", phenomenonTime: start + n + 1, result }),
      );
      await store.write(spoken);
      expect((await collect(store.read({ properties: ["door_state"] }))).slice(1)).toEqual(spoken);
      expect(await ask(influx, "SHOW SERIES", database)).toEqual((before as unknown[])[1]);
    });

    it(
      "keeps what it said is stored when the server is killed, and goes on with the next one",
      { timeout: 120_000 },
      async () => {
        const store = await open({ timeoutMs: 5000 });
        let next = 0;
        for (let round = 0; round < killRounds; round++) {
          let isKilled = false;
          // The moment of the kill is the subject: any is good.
          const killed = delay(50 + Math.random() * 300).then(async () => {
            isKilled = true;
            await influx.kill();
          });
          let said = next;
          for (; !isKilled; next++) {
            const rows = series(`k${next % 7}/level`, 200, start + next * 200 * minuteMs);
            const went = await store.write(rows).then(
              () => true,
              (error: unknown) => {
                expect(error).toBeInstanceOf(StoreUnavailableError);
                return false;
              },
            );
            if (!went) break;
            said = next + 1;
          }
          await killed;
          await influx.restart();
          expect(await stored("level")).toBeGreaterThanOrEqual(said * 200);
          // The batch in flight may be there; whether or not, repeating it is harmless.
          await store.write(series(`k${said % 7}/level`, 200, start + said * 200 * minuteMs));
          next = said + 1;
          expect(await stored("level")).toBe(next * 200);
        }
        expect(await store.count({})).toBe(next * 200);
      },
    );

    it("gives up on a connection that is dead and alive, and recovers by itself", async () => {
      const { store, proxy } = await behindProxy();
      await store.write(series("a/level", 10));
      proxy.freeze();
      const rows = series("a/level", 20);
      const failed = await store.write(series("a/level", 10, start + 10 * minuteMs)).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(StoreUnavailableError);
      await expect(store.count({})).rejects.toThrow(/1500 ms/);
      await expect(store.check()).rejects.toBeInstanceOf(StoreUnavailableError);
      proxy.thaw();
      await store.check();
      expect(await store.write(rows)).toEqual({ added: 10, corrected: 0 });
      expect(await stored("level")).toBe(20);
      expect(events.every(({ kind }) => kind === "unavailable")).toBe(true);
    });

    it("fails a read whose answer stops in the middle, by silence or without a word", async () => {
      const { store, proxy } = await behindProxy();
      await (await open()).write(dense(50_000));
      store.observe(dense(1));
      // Two chunks of the five.
      proxy.freezeAfter(1_200_000);
      let rows = 0;
      const read = async (): Promise<void> => {
        for await (const chunk of store.read({})) rows += chunk.length;
      };
      await expect(read()).rejects.toBeInstanceOf(StoreUnavailableError);
      expect(rows).toBeGreaterThan(0);
      proxy.thaw();
      const { store: other, front } = await behindFront();
      front.answer = (_, reply) => void reply.writeHead(200, { "content-type": "text/csv" }).end("name,tags,time,s0\n");
      await expect(collect(other.read({}))).rejects.toThrow(/stops early/);
      await expect(other.count({})).rejects.toThrow(/stops early/);
    });

    it("fetches no more once its reader has stopped", async () => {
      // Much more than the sockets on the way hold (they held some 1.3 MB).
      const readings = 200_000;
      const { store, proxy } = await behindProxy();
      await (await open()).write(dense(readings));
      store.observe(dense(1));
      const before = proxy.delivered;
      expect(await collect(store.read({}))).toHaveLength(readings);
      const whole = proxy.delivered - before;
      for await (const chunk of store.read({})) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      const after = proxy.delivered - before - whole;
      expect(after).toBeLessThan(whole / 2);
      await store.check();
    });

    it.each([
      [429, "7", 7000],
      [503, "2", 2000],
      [500, undefined, undefined],
    ])("may be tried again after %i, not before what the server asks for", async (status, retryAfter, expected) => {
      const { store, front } = await behindFront();
      front.answer = (_, reply) =>
        void reply.writeHead(status, retryAfter === undefined ? {} : { "retry-after": retryAfter }).end("busy");
      const prepared = await store.prepare(series("a/level", 5));
      const failed = await prepared.write().catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(StoreUnavailableError);
      expect((failed as StoreUnavailableError).retryAfterMs).toBe(expected);
      expect(events).toMatchObject([{ kind: "unavailable" }]);
      front.answer = undefined;
      expect(await prepared.write()).toEqual({ refused: [] });
      expect(await stored("level")).toBe(5);
    });

    it("asks after a write without an answer what of it is stored", async () => {
      const { store, front } = await behindFront();
      await store.write(dense(10));
      const prepared = await store.prepare(dense(20));
      front.isDeaf = true;
      await expect(prepared.write()).rejects.toBeInstanceOf(StoreUnavailableError);
      front.isDeaf = false;
      expect(await stored("level")).toBe(20);
      const other = await store.prepare(series("b/level", 3));
      front.isDeaf = true;
      await expect(other.write()).rejects.toBeInstanceOf(StoreUnavailableError);
      front.isDeaf = false;
      expect(await store.write(series("b/level", 3))).toEqual({ added: 0, corrected: 0 });
      expect(await store.latest({ things: ["b"] })).toEqual(series("b/level", 3).slice(2));
      expect(await store.write(dense(25))).toEqual({ added: 5, corrected: 0 });
      expect(await store.write(dense(30))).toEqual({ added: 5, corrected: 0 });
    });

    it.each([401, 403, 404, 400])(
      "keeps everything and calls for an operator when the server says %i",
      async (status) => {
        const { store, front } = await behindFront();
        front.answer = (_, reply) => void reply.writeHead(status).end("who are you?");
        for (const rows of [series("a/level", 5), series("a/level", 1)]) {
          await expect(store.write(rows)).rejects.toBeInstanceOf(StoreUnavailableError);
        }
        expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(["misconfigured"]));
        front.answer = undefined;
        expect(await store.write(series("a/level", 5))).toEqual({ added: 5, corrected: 0 });
      },
    );

    it("takes a write that was partly taken for what it is, also where it is called a success", async () => {
      const { store, front } = await behindFront();
      let requests = 0;
      front.answer = (_, reply) => {
        requests += 1;
        if (requests <= 2)
          reply.writeHead(201, { "content-type": "application/json" }).end('{"error":"partial write"}');
        else reply.writeHead(204).end();
      };
      const { refused } = await (await store.prepare(series("a/level", 4))).write();
      expect(refused).toEqual([]);
      expect(requests).toBeGreaterThan(2);
    });

    it("reads with an account that may not write, and removes nothing with it", async () => {
      await (await open()).write(series("a/level", 5));
      const { token, username, password } = influx.reader;
      const store = await open({
        ...(token === undefined ? {} : { token }),
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
      });
      expect(await collect(store.read({}))).toEqual(series("a/level", 5));
      expect(await store.count({})).toBe(5);
      await expect(store.write(series("b/level", 1))).rejects.toBeInstanceOf(StoreUnavailableError);
      await expect(store.remove({})).rejects.toBeInstanceOf(StoreUnavailableError);
      expect(await stored("level")).toBe(5);
      expect(events.some(({ kind }) => kind === "misconfigured")).toBe(true);
    });

    it("waits at the start for a server that is not there, or has no such database yet", async () => {
      const abort = new AbortController();
      const lost = open({ database: `${database}later`, signal: abort.signal });
      await eventually("an alarm", () => events.some(({ kind }) => kind === "misconfigured"));
      await influx.createDatabase(`${database}later`, 0);
      await (await lost).check();
      const nobody = open({ url: "http://127.0.0.1:9", signal: abort.signal });
      await eventually("a word", () => events.some(({ kind }) => kind === "unavailable"));
      abort.abort();
      await expect(nobody).rejects.toThrow(/abort/i);
    });

    it("learns the newest from the ends of the series, however old, and leaves other clients' points alone", async () => {
      const store = await open();
      const old = [3, 20, 200, 20_000].map((days, n) =>
        observation({ datastream: `age${n}/level`, phenomenonTime: Date.now() - days * 86_400_000 }),
      );
      await store.write(old);
      const foreign = [
        `level,host=x value=1 ${start}`,
        `level,thing=a\\ b value=2 ${start}`,
        `Level\\ 2,thing=a value=1 ${start}`,
      ];
      await writeLines(influx, foreign, database);
      const again = await open();
      expect(await again.latest({})).toEqual(old);
      expect(await again.remove({})).toMatchObject({ observations: 4, datastreams: 4 });
      expect(await ask(influx, "SELECT count(value) FROM level", database)).toMatchObject([[0, 2]]);
      again.observe([observation({ datastream: "seen/level" })]);
      expect(await again.latest({})).toEqual([observation({ datastream: "seen/level" })]);
    });

    it("reads and corrects points that say also what is usual, and points that said what is not", async () => {
      await writeLines(
        influx,
        [
          `level,domain=water,thing=a quality=0,received=${start},revision=1,value=1 ${start}`,
          `level,domain=water,thing=a quality=2,received=${start},revision=2,value=2 ${start + 1}`,
          `level,domain=water,thing=a quality=1,received=${start},revision=1,stale=8,state="x",value=3 ${start + 2}`,
        ],
        database,
      );
      const store = await open();
      const rows = (["good", "bad", "suspect", "suspect"] as const).map((quality, n) =>
        observation({
          datastream: "a/level",
          phenomenonTime: start + n,
          resultTime: start,
          quality,
          revision: n === 1 ? 2 : 1,
          result: n + 1,
        }),
      );
      await store.write(rows.slice(3));
      expect(await collect(store.read({}))).toEqual(rows);
      expect(await store.write(rows)).toEqual({ added: 0, corrected: 0 });
      const corrected = rows.map((row) => observation({ ...row, quality: "good", revision: 3, result: 9 }));
      expect(await store.write(corrected)).toEqual({ added: 0, corrected: 4 });
      expect(await collect(store.read({}))).toEqual(corrected);
      expect(await collect((await open()).read({}))).toEqual(corrected);
      const drawn = `SELECT value FROM level WHERE ("quality" = 2) = false AND value < 3`;
      await store.write([observation({ datastream: "a/level", phenomenonTime: start + 5, result: 1 })]);
      await store.write([observation({ datastream: "a/level", phenomenonTime: start + 6, result: 1, quality: "bad" })]);
      expect(await ask(influx, drawn, database)).toEqual([[start + 5, 1]]);
    });

    it("removes exactly to the interval's ends, of one channel only", async () => {
      const store = await open();
      const rows = ["a/level", "a/level.1", "b/level"].flatMap((datastream) => [
        observation({ datastream, phenomenonTime: start - 1, ordinal: 999_999 }),
        observation({ datastream, phenomenonTime: start }),
        observation({ datastream, phenomenonTime: start, ordinal: 1 }),
        observation({ datastream, phenomenonTime: start + 9, ordinal: 999_999 }),
        observation({ datastream, phenomenonTime: start + 10 }),
      ]);
      await store.write(rows);
      const removed = await store.remove({ datastreams: ["a/level"], interval: { from: start, to: start + 10 } });
      expect(removed).toMatchObject({ observations: 3, datastreams: 1 });
      expect(await collect(store.read({}))).toEqual(rows.filter((_, n) => n !== 1 && n !== 2 && n !== 3));
      expect(await store.write(rows)).toEqual({ added: 3, corrected: 0 });
      expect(await collect(store.read({}))).toEqual(rows);
    });
  });
}
