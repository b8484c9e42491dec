import type { DecodedBusMessage } from "@messnetz/bus";
import type { IntakeMessage, Observation } from "@messnetz/model";
import type { QuarantineVerdict, Tally } from "@messnetz/store";
import type { Keeper, PartitionBook, PreparingStore, Source, StreamMessage } from "./ports.ts";

/** What a trial does to a partition: called before each step that could fail, throws where it is to fail. */
export type Fault = (step: string) => void;

/** A stream in memory whose messages are contents already. */
export function createTrialStream(fault: Fault = () => {}) {
  const contents: DecodedBusMessage[] = [];
  const acknowledged = new Set<number>();
  let arrived = Promise.withResolvers<void>();

  function toMessage(seq: number): StreamMessage {
    return {
      seq,
      subject: "observations.v1.water",
      headers: { get: () => "" },
      payload: Buffer.from(String(seq)),
      publishedAt: 1_774_695_600_000 + seq,
      working() {},
      ack() {
        acknowledged.add(seq);
      },
    };
  }

  return {
    publish(content: DecodedBusMessage): number {
      contents.push(content);
      arrived.resolve();
      arrived = Promise.withResolvers<void>();
      return contents.length;
    },
    acknowledged,
    read: ({ seq }: StreamMessage): DecodedBusMessage => contents[seq - 1]!,
    subscribe(fromSeq: number, chunk: number): Source {
      let next = fromSeq;
      return {
        async next(signal) {
          fault("next");
          while (next > contents.length && !signal.aborted) {
            const stop = Promise.withResolvers<void>();
            signal.addEventListener("abort", () => stop.resolve(), { once: true });
            await Promise.race([arrived.promise, stop.promise]);
          }
          if (signal.aborted) return [];
          const messages: StreamMessage[] = [];
          while (messages.length < chunk && next <= contents.length) messages.push(toMessage(next++));
          return messages;
        },
        lag: () => Promise.resolve({ messages: contents.length - acknowledged.size, oldestMs: 0 }),
        fill: () => Promise.resolve({ bytes: 0, maxBytes: 1 }),
        firstSeqSince: () => Promise.resolve(1),
        purge: () => Promise.resolve(),
        close: () => Promise.resolve(),
      };
    },
  };
}

/** Another process has claimed the partition. */
export class TrialTakenError extends Error {
  override readonly name = "TrialTakenError";
}

/** The stream was made anew. */
export class TrialReplacedError extends Error {
  override readonly name = "TrialReplacedError";
  readonly resumeAt: number;

  constructor(resumeAt: number) {
    super(`what is not done with begins at ${resumeAt}`);
    this.resumeAt = resumeAt;
  }
}

/** A ledger in memory that outlives the processes which claim it, and fences all but the last. */
export function createTrialLedger(fault: Fault = () => {}) {
  const position = { countedTo: 0, writtenTo: 0, correctedTo: 0 };
  const counts = new Map<string, Record<string, number>>();
  let epoch = 0;

  function add(tallies: readonly Tally[]): void {
    for (const { source, device, day, counts: more } of tallies) {
      const key = `${source}/${device}/${day}`;
      const sums = counts.get(key) ?? {};
      counts.set(key, sums);
      for (const [name, amount] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + amount;
    }
  }

  return {
    position,
    counts: () => Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    claim(): PartitionBook {
      const own = ++epoch;
      const check = (): void => {
        if (own !== epoch) throw new TrialTakenError("claimed by another");
      };
      return {
        get position() {
          return { ...position };
        },
        async append({ from, to, writtenTo, tallies }) {
          fault("append");
          check();
          if (to > position.countedTo) {
            if (from <= position.countedTo) throw new RangeError(`expected to count behind ${position.countedTo}`);
            add(tallies);
            position.countedTo = to;
          }
          position.writtenTo = Math.max(position.writtenTo, writtenTo);
          fault("appended");
        },
        async advance(writtenTo) {
          check();
          position.writtenTo = Math.max(position.writtenTo, writtenTo);
        },
        async rewind(to) {
          check();
          for (const name of ["countedTo", "writtenTo", "correctedTo"] as const)
            position[name] = Math.min(position[name], to);
        },
        async correct({ from, to, tallies }) {
          fault("correct");
          check();
          if (from <= position.correctedTo) throw new Error(`expected to correct behind ${position.correctedTo}`);
          add(tallies);
          position.correctedTo = to;
          fault("corrected");
        },
      };
    },
  };
}

/** A store in memory that writes what is newer than what it has, and refuses what `refuses` says. */
export function createTrialStore(refuses: (observation: Observation) => boolean, fault: Fault = () => {}) {
  const stored = new Map<string, Observation>();
  const keyOf = ({ datastream, phenomenonTime, ordinal }: Observation): string =>
    `${datastream}@${phenomenonTime}/${ordinal}`;
  const store: PreparingStore = {
    async prepare(observations) {
      fault("prepare");
      const seen = new Map<string, number>();
      const fates = Uint8Array.from(observations, (observation) => {
        const key = keyOf(observation);
        const revision = seen.get(key) ?? stored.get(key)?.revision;
        if (revision !== undefined && revision >= observation.revision) return 0;
        seen.set(key, observation.revision);
        return revision === undefined ? 1 : 2;
      });
      return {
        fates,
        async write() {
          fault("write");
          const refused: { index: number; reason: string }[] = [];
          for (const [index, observation] of observations.entries()) {
            if (fates[index] === 0) continue;
            if (refuses(observation)) refused.push({ index, reason: "field type conflict" });
            else stored.set(keyOf(observation), observation);
          }
          fault("written");
          return { refused };
        },
      };
    },
  };
  return { store, stored };
}

/** A quarantine in memory, with room for so many. */
export function createTrialKeeper(fault: Fault = () => {}, room = Number.POSITIVE_INFINITY) {
  const kept = new Map<string, IntakeMessage>();
  const keeper: Keeper = {
    async keep(messages) {
      fault("keep");
      const ends = messages.map((message): QuarantineVerdict => {
        const key = `${message.message.source} ${Buffer.from(message.message.payload).toString()}`;
        if (kept.has(key)) return "known";
        if (kept.size >= room) return "full";
        kept.set(key, message);
        return "kept";
      });
      fault("kept");
      return ends;
    },
  };
  return { keeper, kept };
}
