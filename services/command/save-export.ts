import { createHash } from "node:crypto";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ApiClient } from "./api-client.ts";
import { CommandTrouble } from "./command-trouble.ts";
import { findResumePlace, type ResumableFormat } from "./resume-row.ts";
import { createRowEnds, type RowEnds } from "./row-ends.ts";
import type { ProgressDisplay } from "./show-progress.ts";

export interface ExportToSave {
  readonly api: Pick<ApiClient, "download">;
  /** From `/api/v1/` on, with its query. */
  readonly path: string;
  /** Where a cut file goes on; undefined where it begins again. */
  readonly resumable: ResumableFormat | undefined;
  readonly folder: string;
  /** Undefined: as the town names it. */
  readonly name: string | undefined;
  readonly whereThereIsOne: "refuse" | "replace";
  readonly progress: ProgressDisplay;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What has come of a file. */
interface Arrived {
  readonly file: FileHandle;
  readonly rows: RowEnds | undefined;
  bytes: number;
}

const maxTries = 6;
const firstPauseMs = 500;
const lineFeed = 10;

/**
 * Saves an export and gives its path: under another name until it is whole and its digest is right, through as many connections as it takes. Throws a
 * CommandTrouble where it cannot, and leaves nothing behind.
 */
export async function saveExport(saving: ExportToSave): Promise<string> {
  const { api, path, signal, progress } = saving;
  let answer = await api.download({ path, signal });
  const target = join(saving.folder, saving.name ?? nameOf(answer));
  if (saving.whereThereIsOne === "refuse" && (await exists(target))) {
    answer.destroy();
    throw new CommandTrouble(`${target}: expected that there is no such file yet`, {
      remedy: "--out gives it another name, --replace replaces it.",
    });
  }
  const partial = `${target}.part`;
  const file = await open(partial, "w+");
  const rows = saving.resumable && createRowEnds(saving.resumable === "csv" ? "quoted" : "plain");
  const arrived: Arrived = { file, rows, bytes: 0 };
  try {
    for (let failures = 0; ;) {
      const before = arrived.bytes;
      const cause = await receive(answer, { arrived, saving });
      if (cause === undefined) break;
      if (signal.aborted) throw cause;
      failures = arrived.bytes > before ? 1 : failures + 1;
      answer = await goOn(saving, { arrived, failures, cause });
    }
    await file.sync();
    await rename(partial, target);
    progress.end(progressOf(arrived));
    return target;
  } finally {
    await file.close();
    await rm(partial, { force: true });
  }
}

interface Receiving {
  readonly arrived: Arrived;
  readonly saving: ExportToSave;
}

/** Writes what comes; what broke it, or undefined where it came whole. Throws a CommandTrouble where it came whole and is wrong. */
async function receive(answer: IncomingMessage, { arrived, saving }: Receiving): Promise<Error | undefined> {
  const hash = createHash("sha256");
  // The header stands at the begin of what goes on, too.
  let isHeader = saving.resumable === "csv" && arrived.bytes > 0;
  try {
    for await (const received of answer as AsyncIterable<Buffer>) {
      hash.update(received);
      const headerEnd = isHeader ? received.indexOf(lineFeed) : -1;
      if (isHeader && headerEnd < 0) continue;
      isHeader = false;
      const piece = received.subarray(headerEnd + 1);
      await arrived.file.write(piece, 0, piece.length, arrived.bytes);
      arrived.rows?.add(piece);
      arrived.bytes += piece.length;
      saving.progress.show(progressOf(arrived));
    }
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  const told = answer.trailers["repr-digest"];
  if (told === undefined) return new Error("the answer ended without its digest");
  if (told === `sha-256=:${hash.digest("base64")}:`) return undefined;
  throw new CommandTrouble("the file that came is not the one that was sent: its digest differs", {
    remedy: "Something on the way changes it, a proxy perhaps.",
  });
}

interface Broken {
  readonly arrived: Arrived;
  readonly failures: number;
  readonly cause: Error;
}

/** The answer that goes on where the file broke; cuts the file to where that is. */
async function goOn(saving: ExportToSave, broken: Broken): Promise<IncomingMessage> {
  const { api, path, resumable, note, signal } = saving;
  const { arrived } = broken;
  let { failures, cause } = broken as { failures: number; cause: unknown };
  const place =
    arrived.rows && resumable && (await findResumePlace(arrived.file, { ends: arrived.rows.ends, format: resumable }));
  for (; failures < maxTries; failures++) {
    const how = place === undefined ? "It begins again" : `It goes on after ${place.after}`;
    note(`\nThe connection broke: ${cause instanceof Error ? cause.message : String(cause)}. ${how}.`);
    await delay(firstPauseMs * 2 ** (failures - 1), undefined, { signal });
    try {
      const more = place === undefined ? "" : `&after=${encodeURIComponent(place.after)}`;
      const answer = await api.download({ path: path + more, signal });
      arrived.bytes = place?.offset ?? 0;
      arrived.rows?.cut(arrived.bytes);
      await arrived.file.truncate(arrived.bytes);
      return answer;
    } catch (error) {
      if (signal.aborted) throw error;
      cause = error;
    }
  }
  throw new CommandTrouble("the connection broke again and again; nothing is kept", { cause });
}

function progressOf({ bytes, rows }: Arrived) {
  return { bytes, rows: rows?.rows };
}

/** As the town names it, without anything that would lead out of the folder. */
function nameOf({ headers }: IncomingMessage): string {
  const name = /filename="([A-Za-z0-9_][\w.-]*)"/.exec(headers["content-disposition"] ?? "")?.[1];
  return name ?? "messnetz-export";
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
