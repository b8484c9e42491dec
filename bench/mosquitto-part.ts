import { readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { acceptsConnections, findProgram, freePort } from "@messnetz/testing";
import { type Part, startPart } from "./part.ts";

/** What holds for Mosquitto in front of Messnetz holds in front of every road. */
const sharedFile = fileURLToPath(new URL("../infra/mosquitto/messnetz.conf", import.meta.url));
/** Of queue and window: a full load would make it throw messages away. */
export const withoutLimits: readonly string[] = [
  "max_queued_messages 0",
  "max_queued_bytes 0",
  "max_inflight_messages 0",
];

/** Mosquitto in front of a road that is not ours, with the same settings as in front of ours. */
export async function startMosquittoPart(folder: string): Promise<{ readonly part: Part; readonly port: number }> {
  const program = findProgram("mosquitto");
  if (program === undefined) throw new Error("expected mosquitto (Debian: mosquitto)");
  const port = await freePort();
  const file = join(folder, "mosquitto.conf");
  const own = [
    `listener ${port} 127.0.0.1`,
    "log_dest stderr",
    "log_type error",
    `user ${userInfo().username}`,
    `persistence_location ${folder}/`,
    "allow_anonymous true",
    ...withoutLimits,
  ];
  // The shared lines first: of two values for one setting the later stands.
  await writeFile(file, [await readFile(sharedFile, "utf8"), ...own, ""].join("\n"));
  const part = await startPart({
    name: "mosquitto",
    command: program,
    args: ["-c", file],
    ready: () => acceptsConnections(port),
  });
  return { part, port };
}

/** How the broker saves, as its configuration says it. */
export async function savingOfMosquitto(): Promise<string> {
  const lines = (await readFile(sharedFile, "utf8")).split("\n");
  return lines.filter((line) => /^(persistence|autosave_\w+) /.test(line)).join(", ");
}
