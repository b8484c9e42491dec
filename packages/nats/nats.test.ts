import { eventually, natsServersToTry, freePort, type Nats, startNats } from "@messnetz/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  connectNats,
  declareConsumer,
  declareStream,
  type NatsEvent,
  type NatsLink,
  PublishRefusedError,
  publishDurably,
  SequenceConflictError,
  type StreamDeclaration,
  StreamContradictionError,
  StreamFullError,
  UnacknowledgedError,
} from "./index.ts";

const servers = natsServersToTry();
const declared: StreamDeclaration = {
  name: "TRIAL",
  subjects: ["trial.>"],
  maxBytes: 1_000_000,
  duplicateWindowMs: 60_000,
  replicas: 1,
};

describe.skipIf(servers.length === 0)("NATS (skipped: no nats-server is installed)", () => {
  describe.each(servers)("nats-server $version", ({ version }) => {
    let nats: Nats;
    let link: NatsLink;
    let events: NatsEvent[];

    beforeEach(async () => {
      events = [];
      nats = await startNats({ version });
      link = await connectNats({ urls: [nats.url], name: "trial", onEvent: (event) => events.push(event) });
    });
    afterEach(async () => {
      await link.close();
      await nats.stop();
    });

    const told = (kind: NatsEvent["kind"]) => events.filter((event) => event.kind === kind);
    const publish = (messageId: string, payload = "x") =>
      publishDurably(link, { subject: "trial.a", payload, messageId, timeoutMs: 1000 });

    it("declares a stream once, lets it grow, and refuses to shrink it or to change its nature", async () => {
      await declareStream(link, declared);
      const created = await link.manager.streams.info("TRIAL");
      expect(created.config).toMatchObject({
        storage: "file",
        retention: "limits",
        discard: "new",
        max_bytes: 1_000_000,
      });
      await declareStream(link, declared);
      await declareStream(link, {
        ...declared,
        maxBytes: 2_000_000,
        subjects: ["trial.>", "more.>"],
        allowRollup: true,
      });
      const grown = await link.manager.streams.info("TRIAL");
      expect(grown).toMatchObject({
        created: created.created,
        config: { max_bytes: 2_000_000, allow_rollup_hdrs: true },
      });
      expect(grown.config.subjects.toSorted()).toEqual(["more.>", "trial.>"]);
      const shrinking = declareStream(link, { ...declared, maxAgeMs: 60_000 });
      await expect(shrinking).rejects.toThrow(StreamContradictionError);
      await expect(shrinking).rejects.toThrow(
        /max_bytes: expected 1000000, came 2000000.*max_age.*came unlimited.*subjects/,
      );
      await link.manager.streams.add({ name: "OTHER", subjects: ["other"], storage: "memory" });
      await expect(declareStream(link, { ...declared, name: "OTHER", subjects: ["other"] })).rejects.toThrow(
        /storage: expected file, came memory/,
      );
    });

    it("says at once that a stream does not fit on the disk, and what to do", async () => {
      const begin = performance.now();
      await expect(declareStream(link, { ...declared, maxBytes: 2 ** 60 })).rejects.toThrow(/max_file_store/);
      expect(performance.now() - begin).toBeLessThan(10_000);
    });

    it("declares a stream from many processes at once", async () => {
      await Promise.all(Array.from({ length: 8 }, () => declareStream(link, declared)));
      expect((await link.manager.streams.info("TRIAL")).config.subjects).toEqual(["trial.>"]);
    });

    it("stores what is repeated with the same id once, also after kill -9", async () => {
      await declareStream(link, declared);
      expect(await publish("1")).toEqual({ seq: 1, isDuplicate: false });
      expect(await publish("1")).toEqual({ seq: 1, isDuplicate: true });
      await nats.kill();
      await nats.restart();
      await eventually("the connection to be back", () => link.isConnected());
      expect(await publish("1")).toEqual({ seq: 1, isDuplicate: true });
      expect(await publish("2")).toEqual({ seq: 2, isDuplicate: false });
    });

    it("rejects open publishes at once when the server dies, and new ones until it is back", async () => {
      await declareStream(link, declared);
      await nats.pause();
      const open = publishDurably(link, { subject: "trial.a", payload: "x", messageId: "1", timeoutMs: 60_000 });
      const [outcome] = await Promise.all([open.catch((error: unknown) => error), nats.kill()]);
      expect(outcome).toBeInstanceOf(UnacknowledgedError);
      await expect(publish("1")).rejects.toThrow(/connection to NATS/);
      await expect(link.check()).rejects.toThrow(/connection to NATS/);
      await nats.restart();
      await eventually("the connection to be back", () => link.isConnected());
      await publish("1");
      await link.check();
      expect((await link.manager.streams.info("TRIAL")).state.messages).toBe(1);
      expect([told("disconnected"), told("reconnected"), told("connection_ended")].map((list) => list.length)).toEqual([
        1, 1, 0,
      ]);
    });

    it("closes within a bound while the server hangs", async () => {
      await nats.pause();
      const begin = performance.now();
      await link.close();
      expect(performance.now() - begin).toBeLessThan(10_000);
    });

    it("stores a publish whose answer was too late once, when it is repeated", async () => {
      await declareStream(link, declared);
      await nats.pause();
      await expect(publish("1")).rejects.toThrow(UnacknowledgedError);
      nats.resume();
      expect(await publish("1")).toEqual({ seq: 1, isDuplicate: true });
    });

    it("says that a stream is full, and takes messages again when it was purged", async () => {
      await declareStream(link, { ...declared, maxBytes: 10_000 });
      const load = "x".repeat(4000);
      await publish("1", load);
      await publish("2", load);
      const full = publish("3", load);
      await expect(full).rejects.toThrow(StreamFullError);
      await expect(full).rejects.toMatchObject({ isOwnLimit: true });
      await link.manager.streams.purge("TRIAL", { seq: 2 });
      expect(await publish("3", load)).toMatchObject({ isDuplicate: false });
    });

    it("tells a conflict of sequences and other refusals apart", async () => {
      await declareStream(link, { ...declared, maxMessageBytes: 1000 });
      await publish("1");
      const expecting = (lastSubjectSequence: number, messageId: string) =>
        publishDurably(link, { subject: "trial.a", payload: "y", messageId, expect: { lastSubjectSequence } });
      await expect(expecting(0, "2")).rejects.toThrow(SequenceConflictError);
      expect(await expecting(1, "3")).toMatchObject({ seq: 2 });
      await expect(publish("4", "x".repeat(2000))).rejects.toThrow(PublishRefusedError);
      await expect(publishDurably(link, { subject: "nobody", payload: "", messageId: "5" })).rejects.toThrow(
        UnacknowledgedError,
      );
    });

    it("begins a consumer where it is told, again and again, and leaves alone what is not its own", async () => {
      await declareStream(link, declared);
      for (const id of ["1", "2", "3"]) await publish(id);
      const consumer = { stream: "TRIAL", name: "w", filterSubject: "trial.>", ackWaitMs: 30_000, maxAckPending: 10 };
      for (const from of [2, 1, 3]) {
        await declareConsumer(link, { ...consumer, from });
        const first = await (await link.jetstream.consumers.get("TRIAL", "w")).next();
        expect(first?.seq).toBe(from);
      }
      await expect(declareConsumer(link, { ...consumer, filterSubject: "trial.b", from: 1 })).rejects.toThrow(
        /filter_subject: expected trial.b, came trial.>/,
      );
    });

    it("warns of what this server cannot promise", () => {
      const codes = events.flatMap((event) => (event.kind === "server_warning" ? event.code : []));
      expect(codes).toEqual(
        version.startsWith("2.9.") ? ["old_server", "sync_interval_not_always"] : ["sync_interval_unknown"],
      );
    });
  });

  it("waits for a server that is not there yet", async () => {
    const events: NatsEvent[] = [];
    const port = await freePort();
    const connecting = connectNats({
      urls: [`nats://127.0.0.1:${port}`],
      name: "early",
      onEvent: (event) => events.push(event),
    });
    await eventually("a try to fail", () => events.some(({ kind }) => kind === "connect_failed"));
    await using _server = await startNats({ port });
    const link = await connecting;
    await link.check();
    await link.close();
    expect(events.at(-1)?.kind).not.toBe("connection_ended");
  });

  it.skipIf(process.env["MESSNETZ_TRIALS"] !== "full")(
    "notices a server that hangs, and comes back when it does (only in the trials)",
    async () => {
      await using server = await startNats();
      const events: NatsEvent[] = [];
      const link = await connectNats({ urls: [server.url], name: "patient", onEvent: (event) => events.push(event) });
      await server.pause();
      await eventually("the loss to be told", () => events.some(({ kind }) => kind === "disconnected"), 30_000);
      await expect(link.check()).rejects.toThrow(/connection to NATS/);
      server.resume();
      await eventually("the connection to be back", () => link.isConnected());
      await eventually("JetStream to answer", () => link.check().then(() => true));
      await link.close();
    },
    90_000,
  );

  it("says why it is not let in, and stops waiting when told", async () => {
    await using server = await startNats({ lines: ["authorization { user: a, password: b }"] });
    const end = new AbortController();
    const events: NatsEvent[] = [];
    const connecting = connectNats({
      urls: [server.url],
      name: "stranger",
      user: "a",
      password: "c",
      onEvent: (event) => events.push(event),
      signal: end.signal,
    });
    const outcome = connecting.catch((error: unknown) => error);
    await eventually("a refusal", () => events.length > 0);
    expect(String((events[0] as { readonly cause: unknown }).cause)).toMatch(/authorization/i);
    end.abort();
    expect(String(await outcome)).toMatch(/abort/i);
  });

  it("asks the monitoring address whether each acknowledgement is synced", async () => {
    const [newest] = servers.toReversed();
    if (newest?.version.startsWith("2.9.")) return;
    for (const always of [true, false]) {
      const events: NatsEvent[] = [];
      const monitoring = await freePort();
      await using server = await startNats({
        lines: [`http: "127.0.0.1:${monitoring}"`],
        jetstream: always ? ["sync_interval: always"] : [],
      });
      const link = await connectNats({
        urls: [server.url],
        name: "curious",
        monitoringUrl: `http://127.0.0.1:${monitoring}`,
        onEvent: (event) => events.push(event),
      });
      await link.close();
      const codes = events.flatMap((event) => (event.kind === "server_warning" ? event.code : []));
      expect(codes).toEqual(always ? [] : ["sync_interval_not_always"]);
    }
  });
});
