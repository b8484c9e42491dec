import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

const programs = [
  { name: "mosquitto", without: "no test against Debian's broker" },
  { name: "mosquitto_pub", without: "no test with Debian's MQTT client" },
  { name: "strace", without: "no proof of the order of write, fsync and PUBACK" },
] as const;

/** What this machine lacks of what tests need, and what is not tested for want of it. */
export function prerequisites(root: string): string[] {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  const missing = programs
    .filter(({ name }) => !folders.some((folder) => existsSync(join(folder, name))))
    .map(({ name, without }) => `${name} is not installed: ${without}`);
  if (!existsSync(join(root, "..", "shared", "corpus")))
    missing.push("no corpus of real payloads at ../shared/corpus: not tried");
  if (process.env["MESSNETZ_TRIALS"] !== "full")
    missing.push("long trials ran in their short form; in full: npm run trials");
  return missing;
}
