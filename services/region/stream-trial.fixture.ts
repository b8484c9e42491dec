import { deviceName, tagBase } from "@messnetz/bench";
import { connectNats, type NatsLink } from "@messnetz/nats";
import { eventually } from "@messnetz/testing";
import type { Region } from "./region-options.ts";

/** The stream of observations as NATS has it, read past our code. */
export interface StreamTrial extends AsyncDisposable {
  /** Tags of the load's messages that stand in it, and how often. */
  tags(): Promise<ReadonlyMap<number, number>>;
  size(): Promise<{ readonly bytes: number; readonly maxBytes: number; readonly lastSeq: number }>;
  /** Resolves when nothing new has come for a second. */
  quiet(): Promise<void>;
}

const stream = "OBSERVATIONS";
const quietMs = 1000;
const deviceDigits = deviceName(0).slice(-10).length;

export async function openStreamTrial(region: Region): Promise<StreamTrial> {
  const { url, user, password } = region.nats;
  const link: NatsLink = await connectNats({ urls: [url], user, password, name: "trial" });

  async function size() {
    const { state, config } = await link.manager.streams.info(stream);
    return { bytes: state.bytes, maxBytes: config.max_bytes, lastSeq: state.last_seq };
  }

  async function readTags(): Promise<ReadonlyMap<number, number>> {
    const tags = new Map<number, number>();
    const { state } = await link.manager.streams.info(stream);
    if (state.messages === 0) return tags;
    const consumer = await link.jetstream.consumers.get(stream);
    const messages = await consumer.consume();
    for await (const message of messages) {
      for (const { datastream, result } of message.json<{ datastream: string; result: number }[]>()) {
        const [thing = "", property] = datastream.split("/");
        if (property !== "water_level") continue;
        const tag = Number.parseInt(thing.slice(-deviceDigits), 16) * tagBase + Math.round(result * 1000);
        tags.set(tag, (tags.get(tag) ?? 0) + 1);
      }
      if (message.seq >= state.last_seq) break;
    }
    await messages.close();
    return tags;
  }

  return {
    tags: readTags,
    size,
    async quiet() {
      let before = -1;
      let since = performance.now();
      await eventually(
        "nothing new on the bus",
        async () => {
          const { lastSeq } = await size();
          if (lastSeq !== before) since = performance.now();
          before = lastSeq;
          return performance.now() - since > quietMs;
        },
        60_000,
      );
    },
    [Symbol.asyncDispose]: () => link.close(),
  };
}
