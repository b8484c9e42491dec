import { declareStream, publishDurably } from "@messnetz/nats";
import { eventually } from "@messnetz/testing";
import { expect, it } from "vitest";
import { followStream } from "./follow-stream.ts";
import { describeOnNats } from "./nats-trial.fixture.ts";

const isFull = process.env["MESSNETZ_TRIALS"] === "full";
const gigabyte = 1024 ** 3;

describeOnNats("who follows a stream", ({ server, connect, closing }) => {
  const fill = async (count: number, payload: string) => {
    const link = await connect();
    const common = { maxBytes: gigabyte, duplicateWindowMs: 1000, replicas: 1 };
    await declareStream(link, { name: "TRIAL", subjects: ["trial.>"], ...common });
    for (let n = 0; n < count; n++) await link.jetstream.publish(`trial.${n % 2}`, payload);
    return link;
  };
  const follow = async (subject?: string) => {
    const link = await connect();
    const taken: number[] = [];
    const take = ({ seq }: { readonly seq: number }): void => void taken.push(seq);
    const startOver = (): void => void (taken.length = 0);
    const follower = followStream({
      link,
      stream: "TRIAL",
      take,
      startOver,
      ...(subject !== undefined && { subject }),
    });
    return { taken, link, ...(await closing(Promise.resolve(follower))) };
  };

  it("has each message once and in order, over deaths of the server", async () => {
    const writer = await fill(100, "x");
    const { taken, caughtUp } = await follow();
    await caughtUp();
    for (let kill = 0; kill < 2; kill++) {
      await server().kill();
      await server().restart();
      const message = { subject: "trial.0", payload: "x", messageId: `after kill ${kill}` };
      const publish = () => publishDurably(writer, message).then(() => true);
      await eventually("one more", publish);
    }
    await eventually("to catch up", () => caughtUp().then(() => taken.length >= 102));
    expect(taken).toEqual(taken.map((_, index) => index + 1));
  });

  it("reads one subject of several, and an empty stream", async () => {
    await fill(10, "x");
    const odd = await follow("trial.1");
    await odd.caughtUp();
    expect(odd.taken).toEqual([2, 4, 6, 8, 10]);
    const none = await follow("trial.nothing");
    await none.caughtUp();
    expect(none.taken).toEqual([]);
  });

  it("starts over where the stream was made anew, whether it has grown beyond what was read or not", async () => {
    let writer = await fill(5, "x");
    const { taken, link, caughtUp } = await follow();
    await caughtUp();
    for (const count of [2, 9]) {
      await writer.manager.streams.delete("TRIAL");
      writer = await fill(count, "y");
      if (count === 9) await link.connection.reconnect();
      const isRead = () => caughtUp().then(() => taken.length === count);
      await eventually("the new stream to be read", isRead);
      expect(taken).toEqual(Array.from({ length: count }, (_, n) => n + 1));
    }
  });

  it.runIf(isFull)(
    "reads more than a server sends to who does not read",
    async () => {
      await fill(150, "x".repeat(800_000));
      const { taken, caughtUp } = await follow();
      await caughtUp();
      expect(taken).toHaveLength(150);
    },
    120_000,
  );
});
