import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { StoreFileError } from "../errors.ts";
import type { Layout } from "./layout.ts";

/** Below the folder of months: aggregates by hour, so that `months/*.parquet` is all observations. */
export const hoursFolder = "hours";

/** What we name so is ours to delete. */
const ownName = /^[+-]?\d{4,6}-\d{2}\.r\d+(?:\.\d+-of-\d+)?\.parquet(?:\.part)?$/;

/** Of a file that is being written. */
export const unfinished = ".part";

/** Makes the folders, clears what a killed process left there and in the database, and misses what should be there. */
export async function openPartFolder(writer: DuckDBConnection, layout: Layout, folder: string): Promise<void> {
  const known = new Map(
    layout.all().flatMap(({ part }) => part?.files.map((file) => [file.name, file] as const) ?? []),
  );
  for (const below of ["", hoursFolder]) {
    await mkdir(join(folder, below), { recursive: true });
    for (const name of await readdir(join(folder, below))) {
      const path = join(below, name);
      if (ownName.test(name) && !known.has(path)) await rm(join(folder, path));
    }
  }
  for (const { name, bytes } of known.values()) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found?.size === bytes) continue;
    throw new StoreFileError(
      `expected ${join(folder, name)} with ${bytes} bytes, ${found === undefined ? "it is not there" : `it has ${found.size}`}; put it back from a copy, its SHA-256 is in table part_file`,
    );
  }
  await clearRetired(writer, layout);
}

/** Hot tables whose rows are in files now, and masks of what is no more. Nobody may be reading them. */
export async function clearRetired(writer: DuckDBConnection, layout: Layout): Promise<void> {
  const kept = new Set(layout.all().flatMap(({ hot }) => hot.map(({ name }) => name)));
  const tables = await writer.runAndReadAll("SELECT table_name FROM information_schema.tables");
  const retired = tables
    .getRows()
    .map(([name]) => String(name))
    .filter((name) => /^(?:timely|late|spoken)_\d+$/.test(name) && !kept.has(name));
  for (const name of retired) await writer.run(`DROP TABLE ${name}`);
  for (const state of layout.all()) {
    const { month, part, maskedBy } = state;
    if (part === undefined || maskedBy === 0) continue;
    await writer.run(`DELETE FROM masked WHERE month = ${month} AND generation <= ${part.generation}`);
    if (maskedBy <= part.generation) state.maskedBy = 0;
  }
}

/** Gives the finished file its name, durably; says its size and SHA-256. */
export async function publishFile(folder: string, name: string): Promise<{ bytes: number; sha256: string }> {
  const path = join(folder, name);
  const hash = createHash("sha256");
  await pipeline(createReadStream(path + unfinished, { highWaterMark: 1 << 20 }), hash);
  const file = await open(path + unfinished, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  const { size } = await stat(path + unfinished);
  await rename(path + unfinished, path);
  await syncFolder(join(path, ".."));
  return { bytes: size, sha256: hash.digest("hex") };
}

async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders, and needs no such thing.
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
