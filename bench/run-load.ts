import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export interface LoadFigures {
  readonly acknowledged: number;
  /** When the generator began, milliseconds since 1970. */
  readonly startedAt: number;
  readonly elapsedSeconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly generatorCpuSeconds: number;
}

export interface LoadTarget {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

/** Runs the load generator as a process of its own, with the options that `load.ts` takes. */
export async function runLoad(
  target: LoadTarget,
  options: Readonly<Record<string, string | number | boolean>>,
): Promise<LoadFigures> {
  const args = Object.entries({ host: target.host, port: target.port, username: target.username, ...options }).flatMap(
    ([name, value]) => (typeof value === "boolean" ? (value ? [`--${name}`] : []) : [`--${name}`, String(value)]),
  );
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [fileURLToPath(new URL("./load.ts", import.meta.url)), ...args],
    { env: { ...process.env, LOAD_PASSWORD: target.password } },
  );
  return JSON.parse(stdout) as LoadFigures;
}
