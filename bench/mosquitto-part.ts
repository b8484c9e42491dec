import { writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { acceptsConnections, findProgram, freePort } from "@messnetz/testing";
import { type Part, startPart } from "./part.ts";

/**
 * Mosquitto in front of a road, without its limits of queue and window, which would throw messages away in every full load. It writes its
 * memory to the disk after each 1,000 changes, as in infra/mosquitto: with its defaults kill -9 takes its sessions too, and readers that
 * are not back at once miss everything until they are.
 */
export async function startMosquittoPart(
  folder: string,
  lines: readonly string[] = ["allow_anonymous true"],
): Promise<{ readonly part: Part; readonly port: number }> {
  const program = findProgram("mosquitto");
  if (program === undefined) throw new Error("expected mosquitto (Debian: mosquitto)");
  const port = await freePort();
  const file = join(folder, "mosquitto.conf");
  const own = [
    `listener ${port} 127.0.0.1`,
    "log_dest stderr",
    "log_type error",
    `user ${userInfo().username}`,
    "persistence true",
    "autosave_on_changes true",
    "autosave_interval 1000",
    `persistence_location ${folder}/`,
    "max_queued_messages 0",
    "max_inflight_messages 0",
  ];
  await writeFile(file, [...own, ...lines, ""].join("\n"));
  const part = await startPart({
    name: "mosquitto",
    command: program,
    args: ["-c", file],
    ready: () => acceptsConnections(port),
  });
  return { part, port };
}
