import { rowFlags } from "@messnetz/model";
import { tallyRows } from "@messnetz/store";
import type { StreamMessage } from "./ports.ts";
import type { PartitionWork } from "./pump.ts";

/** Whose message lies in the quarantine, as its headers say. */
export interface QuarantineHead {
  readonly source: string;
  readonly device: string;
  readonly day: string;
  /** The message has observations too: its row beside them counts it. */
  readonly isPartial: boolean;
}

const noFates = new Uint8Array(0);

/** The partition `quarantine`: its messages are where they belong already, and are counted here. Undefined: not an entry of ours. */
export function createCountQuarantine(
  read: (message: StreamMessage) => QuarantineHead | undefined,
): PartitionWork<QuarantineHead | undefined> {
  return {
    read,
    weigh: () => 1,
    async settle({ messages, contents, newestAt }, { book, writtenTo }) {
      const { countedTo } = book.position;
      const from = Math.max(messages[0]!.seq, countedTo + 1);
      const to = messages.at(-1)!.seq;
      if (to <= countedTo) return;
      const heads = contents.filter(
        (head, at) => head !== undefined && !head.isPartial && messages[at]!.seq >= from,
      ) as QuarantineHead[];
      const rows = heads.map((head) => ({ ...head, observations: 0, flags: rowFlags.kept }));
      await book.append({ from, to, writtenTo: Math.max(writtenTo, to), newestAt, tallies: tallyRows(rows, noFates) });
    },
  };
}
