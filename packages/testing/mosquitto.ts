import { writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { type Child, startChild } from "./child-process.ts";
import { acceptsConnections, freePort } from "./free-port.ts";
import { findProgram } from "./program.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

export interface Mosquitto extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly child: Child;
  stop(): Promise<void>;
}

/**
 * Debian's mosquitto on a free port of the loopback, anonymous, without persistence unless `lines` of mosquitto.conf(5) say otherwise.
 * Rejects where it is not installed: ask `findProgram("mosquitto")` first.
 */
export async function startMosquitto(lines: readonly string[] = []): Promise<Mosquitto> {
  const program = findProgram("mosquitto");
  if (program === undefined) throw new Error("mosquitto is not installed (Debian: apt-get install mosquitto)");
  const folder = await createTemporaryFolder();
  const port = await freePort();
  const configuration = join(folder.path, "mosquitto.conf");
  await writeFile(
    configuration,
    [
      `listener ${port} 127.0.0.1`,
      "allow_anonymous true",
      "log_dest stderr",
      `user ${userInfo().username}`,
      ...lines,
      "",
    ].join("\n"),
  );
  const child = await startChild(program, { args: ["-c", configuration], cwd: folder.path });
  const stop = async (): Promise<void> => {
    await child.stop();
    await folder.remove();
  };
  try {
    await acceptsConnections(port);
  } catch (cause) {
    await stop();
    throw new Error(`mosquitto did not start:\n${child.output()}`, { cause });
  }
  return { port, url: `mqtt://127.0.0.1:${port}`, child, stop, [Symbol.asyncDispose]: stop };
}
