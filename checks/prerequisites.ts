import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { findProgram } from "@messnetz/testing";

const programs = [
  { name: "mosquitto", without: "no test against Debian's broker" },
  { name: "mosquitto_pub", without: "no test with Debian's MQTT client" },
  { name: "strace", without: "no proof of the order of write, fsync and PUBACK" },
] as const;

/** What this machine lacks of what tests need, and what is not tested for want of it. */
export function prerequisites(root: string): string[] {
  const missing = programs
    .filter(({ name }) => findProgram(name) === undefined)
    .map(({ name, without }) => `${name} is not installed: ${without}`);
  if (!existsSync(join(root, "..", "shared", "corpus")))
    missing.push("no corpus of real payloads at ../shared/corpus: not tried");
  if (process.env["MESSNETZ_TRIALS"] !== "full")
    missing.push("long trials ran in their short form; in full: npm run trials");
  return missing;
}
