import { writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { type Child, startChild } from "./child-process.ts";
import { listenHost, serverImages, startContainer, usesContainers } from "./containers.ts";
import { acceptsConnections, freePort } from "./free-port.ts";
import { findProgram } from "./program.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

export interface Mosquitto extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** The process that runs now. */
  readonly child: Child;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
  /** SIGKILL; port and data stay for `restart`. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data; a running one is stopped first. */
  restart(): Promise<void>;
}

/** Whether `startMosquitto` can start one. */
export function hasMosquitto(): boolean {
  return findProgram("mosquitto") !== undefined || usesContainers(false);
}

/**
 * Debian's mosquitto, or one in a container, on a free port of the loopback, anonymous, without persistence unless `lines` of mosquitto.conf(5) say otherwise.
 * Rejects where there is neither: ask `hasMosquitto()` first.
 */
export async function startMosquitto(lines: readonly string[] = []): Promise<Mosquitto> {
  const program = findProgram("mosquitto");
  const isContainer = usesContainers(program !== undefined);
  if (program === undefined && !isContainer)
    throw new Error("mosquitto is not installed (Debian: apt-get install mosquitto)");
  const folder = await createTemporaryFolder();
  const port = await freePort();
  const configuration = join(folder.path, "mosquitto.conf");
  await writeFile(
    configuration,
    [
      `listener ${port} ${listenHost(isContainer)}`,
      "allow_anonymous true",
      "log_dest stderr",
      // A container runs as this user already, and may not know its name.
      ...(isContainer ? [] : [`user ${userInfo().username}`]),
      ...lines,
      "",
    ].join("\n"),
  );
  const start = async (): Promise<Child> => {
    if (program === undefined || isContainer) {
      const command = ["mosquitto", "-c", configuration];
      const image = serverImages.mosquitto;
      return startContainer({ image, command, folder: folder.path, port, ready: /mosquitto version \S+ running/ });
    }
    const started = await startChild(program, { args: ["-c", configuration], cwd: folder.path });
    try {
      await acceptsConnections(port);
      return started;
    } catch (cause) {
      await started.stop();
      throw new Error(`mosquitto did not start:\n${started.output()}`, { cause });
    }
  };
  let child = await start().catch(async (cause: unknown) => {
    await folder.remove();
    throw cause;
  });
  const stop = async (): Promise<void> => {
    await child.stop();
    await folder.remove();
  };
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    get child() {
      return child;
    },
    stop,
    async kill() {
      await child.kill();
    },
    async restart() {
      await child.stop();
      child = await start();
    },
    [Symbol.asyncDispose]: stop,
  };
}
