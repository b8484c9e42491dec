import { findProgram, startChild, startMosquitto } from "@messnetz/testing";
import { cpuSeconds } from "./process-figures.ts";
import { type LoadFigures, runLoad } from "./run-load.ts";

export interface MosquittoFigures {
  readonly load: LoadFigures;
  readonly cpuMicrosPerMessage: number;
}

/** The same load into mosquitto with one subscriber: acknowledged in RAM, kept nowhere. Undefined where it is not installed. */
export async function measureMosquitto(seconds: number): Promise<MosquittoFigures | undefined> {
  const subscribe = findProgram("mosquitto_sub");
  if (findProgram("mosquitto") === undefined || subscribe === undefined) return undefined;
  await using broker = await startMosquitto(["max_inflight_messages 0", "max_queued_messages 0"]);
  // Its output goes to the null device: what it takes in is not what is measured.
  await using subscriber = await startChild("/bin/sh", {
    args: ["-c", `exec "$0" -p ${broker.port} -t '#' -q 1 >/dev/null`, subscribe],
  });
  const before = cpuSeconds(broker.child.pid);
  const load = await runLoad({ host: "127.0.0.1", port: broker.port, username: "bench", password: "" }, { seconds });
  const used = cpuSeconds(broker.child.pid) - before;
  await subscriber.stop();
  return {
    load,
    cpuMicrosPerMessage: (used / load.acknowledged) * 1e6,
  };
}
