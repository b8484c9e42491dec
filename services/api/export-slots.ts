import { Problem } from "./problem.ts";

/** How many exports run, in all and for each token. */
export interface ExportSlots {
  /** Takes a slot and gives back the function that frees it. Throws the problem `too-many`. */
  take(token: string): () => void;
}

const retryAfterSeconds = 10;

export function createExportSlots(limits: { readonly exportsPerToken: number; readonly exports: number }): ExportSlots {
  const running = new Map<string, number>();
  let all = 0;
  return {
    take(token) {
      const own = running.get(token) ?? 0;
      if (own >= limits.exportsPerToken || all >= limits.exports) {
        const bound =
          own >= limits.exportsPerToken
            ? `${limits.exportsPerToken} exports of one token`
            : `${limits.exports} exports`;
        throw new Problem("too-many", `expected at most ${bound} at a time: wait for one to end`, {
          retryAfterSeconds,
        });
      }
      running.set(token, own + 1);
      all++;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        all--;
        const left = (running.get(token) ?? 1) - 1;
        if (left === 0) running.delete(token);
        else running.set(token, left);
      };
    },
  };
}
