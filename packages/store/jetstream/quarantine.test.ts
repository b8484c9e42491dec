import type { IntakeMessage } from "@messnetz/model";
import { eventually } from "@messnetz/testing";
import { expect, it } from "vitest";
import { observation, start, unknownUnit } from "../samples.fixture.ts";
import { message as sample } from "../samples.fixture.ts";
import { describeOnNats } from "./nats-trial.fixture.ts";
import { openJetStreamQuarantine } from "./quarantine.ts";
import { readQuarantineHeaders } from "./quarantine-message.ts";
import { megabyte } from "./whole-store.fixture.ts";

const isFull = process.env["MESSNETZ_TRIALS"] === "full";
const domainOf = () => "water";
const broken = (payload: string, source = "waterworks"): IntakeMessage =>
  sample({ refusals: [unknownUnit], message: { payload: Buffer.from(payload), source } });

describeOnNats("the quarantine on JetStream", ({ server, connect, connectByLine, closing }) => {
  const open = async (limits: { maxBytes?: number; streamBytes?: number } = {}) => {
    const link = await connect();
    const { maxBytes = 64 * megabyte, streamBytes = 256 * megabyte } = limits;
    const options = { link, limits: { maxBytes, maxAgeMs: 86_400_000 }, clock: () => start, replicas: 1 };
    return { link, ...(await closing(openJetStreamQuarantine({ ...options, maxBytes: streamBytes }))) };
  };

  it("knows what another process keeps, and shares its limits", async () => {
    const [one, other] = [await open({ maxBytes: 1000 }), await open({ maxBytes: 1000 })];
    expect(await one.keep([broken("x".repeat(600))], domainOf)).toEqual(["kept"]);
    await eventually("the other process to hear of it", async () => (await other.list({ limit: 1 })).length === 1);
    const flood = [broken("x".repeat(600)), broken("y".repeat(600)), broken("y".repeat(600), "other")];
    expect(await other.keep(flood, domainOf)).toEqual(["known", "full", "kept"]);
    expect(await one.keep([flood[2]!], domainOf)).toEqual(["known"]);
  });

  it("keeps one entry of what comes twice at once, in one process or in two", async () => {
    const [one, other] = [await open(), await open()];
    const twice = await one.keep([broken("x"), broken("x")], domainOf);
    expect(twice).toEqual(["kept", "known"]);
    const ends = await Promise.all([one.keep([broken("y")], domainOf), other.keep([broken("y")], domainOf)]);
    expect(ends.flat().sort()).toEqual(["kept", "known"]);
    expect(await (await open()).list({ limit: 10 })).toHaveLength(2);
  });

  it("tells who counts entries what they need, without the payload", async () => {
    const { keep, link } = await open();
    const partial = sample({
      device: "gerät:\u0000ü",
      refusals: [unknownUnit],
      observations: [observation()],
      message: { topic: "t" },
    });
    await keep([partial], domainOf);
    const stored = await link.manager.streams.getMessage("QUARANTINE", { last_by_subj: "quarantine.v1.water" });
    expect(readQuarantineHeaders(stored!.header)).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      source: "waterworks",
      device: "gerät:\u0000ü",
      day: "2026-03-01",
      receivedAt: start,
      keptBytes: expect.any(Number) as number,
      isPartial: true,
    });
  });

  it("counts nothing whose day could not be a subject of the ledger", () => {
    const header = (day: string) => JSON.stringify(["s", "d", day, 1, 1, 0]);
    const read = (day: string) =>
      readQuarantineHeaders({ get: (name) => (name === "Messnetz-Entry" ? header(day) : "id") });
    expect(read("2026-03-01")?.day).toBe("2026-03-01");
    for (const day of ["", "*", "a.b", "2026-03-01.>", "2026-03-01\n"]) expect(read(day)).toBeUndefined();
  });

  it("is not put off by what somebody else publishes there", async () => {
    const { keep, link } = await open();
    await keep([broken("x")], domainOf);
    await link.jetstream.publish("quarantine.v1.water", "by hand");
    await keep([broken("y")], domainOf);
    expect(await (await open()).list({ limit: 10 })).toHaveLength(2);
  });

  it("begins although its newest entry was deleted by hand", async () => {
    const { keep, link } = await open();
    await keep([broken("x"), broken("y")], domainOf);
    await link.manager.streams.deleteMessage("QUARANTINE", 2);
    const again = await open();
    expect(await again.list({ limit: 10 })).toHaveLength(1);
  });

  it("refuses what the server could not take", async () => {
    const { keep, link } = await open();
    const payload = new Uint8Array(link.maxPayloadBytes);
    const large = sample({ refusals: [unknownUnit], message: { payload } });
    expect(await keep([large, broken("x")], domainOf)).toEqual(["full", "kept"]);
  });

  it("refuses what its stream has no room for, instead of holding up everything, until there is room", async () => {
    const { keep, link, list } = await open({ streamBytes: megabyte });
    const many = Array.from({ length: 12 }, (_, n) => broken(`${n}${"x".repeat(100_000)}`));
    const ends = await keep(many, domainOf);
    const kept = ends.filter((end) => end === "kept").length;
    expect(kept).toBeGreaterThan(5);
    expect(ends.filter((end) => end === "full")).toHaveLength(12 - kept);
    expect(await list({ limit: 20 })).toHaveLength(kept);
    const { config } = await link.manager.streams.info("QUARANTINE");
    await link.manager.streams.update("QUARANTINE", { ...config, max_bytes: 4 * megabyte });
    expect(await keep(many, domainOf)).toEqual(ends);
    expect(await keep([broken(`new ${"x".repeat(100_000)}`)], domainOf)).toEqual(["kept"]);
  });

  it("says what it said first of what was stored without our hearing of it", async () => {
    const { link, line } = await connectByLine();
    const limits = { maxBytes: megabyte, maxAgeMs: 86_400_000 };
    const options = { link, limits, clock: () => start, replicas: 1, maxBytes: megabyte };
    const { keep } = await closing(openJetStreamQuarantine(options));
    const other = await connect();
    const [one, two] = [broken("x"), broken("y")];
    line.loseAnswers();
    const first = keep([one, two], domainOf).catch(String);
    const storedMessages = async () => (await other.manager.streams.info("QUARANTINE")).state.messages;
    await eventually("it to be stored", async () => (await storedMessages()) === 2);
    line.cut();
    expect(await first).toContain("the connection to NATS was lost");
    const again = (): Promise<readonly string[]> => keep([one, two, broken("x")], domainOf);
    expect(await eventually("all to be kept", again)).toEqual(["kept", "kept", "known"]);
    expect(await storedMessages()).toBe(2);
  });

  it("says what it said first when the server was killed meanwhile, and has each entry once", async () => {
    const quarantine = await open();
    for (let round = 0; round < (isFull ? 20 : 2); round++) {
      const many = Array.from({ length: 2000 }, (_, n) => broken(`${round} ${n} ${"x".repeat(500)}`));
      const first = quarantine.keep(many, domainOf).then(
        () => true,
        () => false,
      );
      await eventually("some to be stored", async () => {
        const { state } = await quarantine.link.manager.streams.info("QUARANTINE");
        return state.messages > round * 2000 + 100;
      });
      await server().kill();
      await server().restart();
      await first;
      const again = (): Promise<readonly string[]> => quarantine.keep(many, domainOf);
      const verdicts = await eventually("all to be kept", again);
      expect(verdicts.every((verdict) => verdict === "kept")).toBe(true);
      const { state } = await quarantine.link.manager.streams.info("QUARANTINE");
      expect(state.messages).toBe((round + 1) * 2000);
    }
  }, 120_000);

  it.runIf(isFull)(
    "reads 100,000 entries at the start within seconds and 50 MB",
    async () => {
      const { keep } = await open({ maxBytes: 1024 * megabyte });
      for (let from = 0; from < 100_000; from += 5000) {
        await keep(
          Array.from({ length: 5000 }, (_, n) =>
            broken(`{"n":${from + n},"text":"${"x".repeat(200)}"}`, `source-${n % 50}`),
          ),
          domainOf,
        );
      }
      globalThis.gc?.();
      const before = process.memoryUsage().heapUsed;
      const begun = performance.now();
      const again = await open({ maxBytes: 1024 * megabyte });
      const tookMs = performance.now() - begun;
      globalThis.gc?.();
      const heapMegabytes = (process.memoryUsage().heapUsed - before) / megabyte;
      expect(await again.list({ limit: 3, sources: ["source-7"] })).toHaveLength(3);
      expect(tookMs).toBeLessThan(15_000);
      expect(heapMegabytes).toBeLessThan(60);
    },
    300_000,
  );
});
