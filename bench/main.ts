import { parseArgs } from "node:util";
import { findProgram } from "@messnetz/testing";
import { measureMosquitto } from "./measure-mosquitto.ts";
import { measureServers } from "./measure-servers.ts";
import { measureTown } from "./measure-town.ts";
import { reportServers } from "./report-servers.ts";
import { report } from "./report.ts";

/**
 * `npm run bench`: what the town does with a load, beside what Debian's mosquitto does with it in the same run; and what the servers do with
 * it, beside other roads from mosquitto to InfluxDB. Prints figures and targets; it never fails for being slow, because machines are shared.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    /** `town` or `servers`; both when absent. */
    only: { type: "string" },
    /** Of the servers: kills nothing. */
    "no-losses": { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
const heldToBytes = 2 * 1024 ** 3;

if (values.only !== "servers") await benchTown();
if (values.only !== "town") {
  say("The servers");
  const figures = await measureServers({ seconds, withLosses: !values["no-losses"], say });
  if (figures !== undefined) process.stdout.write(reportServers(figures));
}

async function benchTown(): Promise<void> {
  say("Yardstick: mosquitto with one subscriber, acknowledged in RAM and kept nowhere");
  const yardstick = await measureMosquitto(seconds);
  if (yardstick === undefined) say("  LEFT OUT: mosquitto is not installed (Debian: mosquitto, mosquitto-clients)");
  say("The town");
  const free = await measureTown({ seconds, say });
  say("The town held to 2 GB of memory");
  const held = findProgram("prlimit") === undefined ? undefined : await measureTown({ seconds, say, heldToBytes });
  if (held === undefined) say("  LEFT OUT: prlimit (Debian: util-linux) is not installed");
  process.stdout.write(report({ yardstick, free, held }));
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
