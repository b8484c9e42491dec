import type { Observation } from "@messnetz/model";
import { followStream, type StreamFollowing } from "./follow-stream.ts";
import { createNewestElements } from "./newest-elements.ts";

export interface FollowNewestOptions extends StreamFollowing {
  /** In the order of nothing: of two results of a datastream the newer may come first. Must not throw. */
  readonly handle: (observations: readonly Observation[]) => void;
}

export interface NewestFollowing {
  /** All that has come until now is handed over before it returns. */
  catchUp(): void;
  /** Resolves when the signal has aborted. */
  readonly ended: Promise<void>;
}

/** What nobody asks for waits as long, and is not read where something newer comes meanwhile. */
const everyMs = 1000;

/** Hands over the newest observations of each datastream, as the stream goes on: for projections of newest values. Nothing is acknowledged. */
export function followNewest({ handle, ...following }: FollowNewestOptions): NewestFollowing {
  const newest = createNewestElements(() => following.onGap?.());
  let due: NodeJS.Timeout | undefined;

  function catchUp(): void {
    if (due === undefined) return;
    clearTimeout(due);
    due = undefined;
    handle(newest.take());
  }

  const ended = followStream({
    ...following,
    take({ headers, data: payload }) {
      newest.add({ headers: headers ?? { get: () => "" }, payload });
      due ??= setTimeout(catchUp, everyMs);
    },
  }).finally(catchUp);
  return { catchUp, ended };
}
