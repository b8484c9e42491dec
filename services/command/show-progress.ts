import type { WriteStream } from "node:tty";

export interface Progress {
  readonly bytes: number;
  /** Undefined where the format does not tell rows apart. */
  readonly rows: number | undefined;
}

export interface ProgressDisplay {
  show(progress: Progress): void;
  /** Leaves what was drawn and ends the line. */
  end(progress: Progress): void;
}

const drawMs = 250;
const lineMs = 10_000;

/** On a terminal a line that is drawn anew four times a second; else a line now and then. `now`: milliseconds. */
export function createProgressDisplay(
  output: Pick<WriteStream, "isTTY" | "write">,
  now: () => number,
): ProgressDisplay {
  const begin = now();
  const everyMs = output.isTTY ? drawMs : lineMs;
  let shownAt = begin;

  function write(progress: Progress): void {
    const text = progressText(progress, (now() - begin) / 1000);
    output.write(output.isTTY ? `\r${text}\u001b[K` : `${text}\n`);
  }

  return {
    show(progress) {
      if (now() - shownAt < everyMs) return;
      shownAt = now();
      write(progress);
    },
    end(progress) {
      write(progress);
      if (output.isTTY) output.write("\n");
    },
  };
}

export function progressText({ bytes, rows }: Progress, seconds: number): string {
  const megabytes = bytes / 1e6;
  const rate = seconds > 0 ? megabytes / seconds : 0;
  const counted = rows === undefined ? "" : `${rows.toLocaleString("en")} rows, `;
  return `${counted}${megabytes.toFixed(1)} MB, ${rate.toFixed(1)} MB/s`;
}
