import type { Observation } from "@messnetz/model";
import { type BadElement, decodeBusMessage } from "./decode-bus-message.ts";
import { followStream, type StreamFollowing } from "./follow-stream.ts";
import type { LedgerRows } from "./received-rows.ts";

export interface FollowedMessage {
  readonly seq: number;
  /** Those that are right, in order. */
  readonly observations: readonly Observation[];
  /** Their counts are those of the observations that are given. */
  readonly rows: LedgerRows;
}

export interface FollowOptions extends StreamFollowing {
  /** Awaited before the next message is handed over, and, after some that are under way, before the next is asked for. */
  readonly handle: (message: FollowedMessage) => void | Promise<void>;
}

/**
 * Hands over all observations of the stream in order, without acknowledging anything: for live views. Resolves when the signal aborts; rejects when
 * `handle` does. Poison and bad elements are left out: the writer tells of them.
 */
export async function followObservations({ handle, ...following }: FollowOptions): Promise<void> {
  await followStream({
    ...following,
    take({ seq, headers, data: payload }) {
      const decoded = decodeBusMessage({ headers: headers ?? { get: () => "" }, payload });
      if (decoded.poison !== undefined) return undefined;
      const { observations, rows, bad } = decoded;
      return handle({ seq, observations, rows: bad.length === 0 ? rows : withoutBad(rows, bad) });
    },
  });
}

function withoutBad(rows: LedgerRows, bad: readonly BadElement[]): LedgerRows {
  let end = 0;
  return rows.map((row) => {
    const begin = end;
    end += row.observations;
    const badOnes = bad.filter(({ index }) => index >= begin && index < end).length;
    return { ...row, observations: row.observations - badOnes };
  });
}
