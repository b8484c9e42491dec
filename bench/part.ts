import { type Child, startChild } from "@messnetz/testing";
import { cpuSeconds } from "./process-figures.ts";

/** How a process is started, and when it serves. */
export interface PartOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Resolves when it serves, after each start. */
  readonly ready: (child: Child) => Promise<unknown>;
  /** How long it may take to end in order; 5,000 when absent. */
  readonly graceMs?: number;
}

/** A process of a road that can be killed and come back with the same files and ports. */
export interface Part extends AsyncDisposable {
  readonly name: string;
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGTERM: it may finish what it has in hand. */
  stop(): Promise<void>;
  /** CPU seconds of the present process. */
  cpuSeconds(): number;
  output(): string;
}

/** Starts it. */
export async function startPart(options: PartOptions): Promise<Part> {
  const { name, command, graceMs } = options;
  let child: Child | undefined;

  async function start(): Promise<void> {
    const started = await startChild(command, {
      args: options.args,
      ...(options.env && { env: options.env }),
      ...(options.cwd !== undefined && { cwd: options.cwd }),
    });
    child = started;
    try {
      await Promise.race([options.ready(started), endsTooEarly(name, started)]);
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  async function stop(): Promise<void> {
    await child?.stop(graceMs);
    child = undefined;
  }

  await start();
  return {
    name,
    start,
    stop,
    async kill() {
      await child?.kill();
      child = undefined;
    },
    cpuSeconds: () => (child === undefined ? 0 : cpuSeconds(child.pid)),
    output: () => child?.output() ?? "",
    [Symbol.asyncDispose]: stop,
  };
}

async function endsTooEarly(name: string, child: Child): Promise<never> {
  const end = await child.ended();
  throw new Error(`${name} ended before it served (${JSON.stringify(end)}):\n${child.output()}`);
}
