import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

const maxBytes = 10_000_000;
const tailCharacters = 4_000;

/** What a process writes, kept in a file and one older file (`.1`), 10 MB each. */
export interface PartLog {
  append(text: string): void;
  /** The last lines, for whoever is told that the process has died. */
  tail(lines: number): readonly string[];
}

export function openPartLog(file: string): PartLog {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  let bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  let end = "";
  return {
    append(text) {
      end = (end + text).slice(-tailCharacters);
      try {
        if (bytes > maxBytes) {
          renameSync(file, `${file}.1`);
          bytes = 0;
        }
        appendFileSync(file, text, { mode: 0o600 });
        bytes += Buffer.byteLength(text);
      } catch {
        // A full disk must not end the process that restarts the others; the last lines are still in memory.
        return;
      }
    },
    tail: (lines) => end.trimEnd().split("\n").slice(-lines),
  };
}
