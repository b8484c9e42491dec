import { existsSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { programPaths } from "./program.ts";
import { runCommand } from "./run-command.ts";

const timeoutMs = 300_000;
/** Debian starts a server as it installs it, unless this file forbids it (invoke-rc.d(8)); ours are run as child processes. */
const policy = "/usr/sbin/policy-rc.d";
const policyText = "#!/bin/sh\nexit 101\n";

/** Whether this process may install Debian's packages. */
export function canInstallPackages(): boolean {
  return process.getuid?.() === 0 && programPaths("apt-get").length > 0;
}

/** True when it is installed; what apt-get said otherwise. */
export async function installPackage(name: string): Promise<true | string> {
  const isOurs = !existsSync(policy);
  if (isOurs) writeFileSync(policy, policyText, { mode: 0o755 });
  try {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    // Old lists are better than none: whether they were good enough shows in the next step.
    await runCommand("apt-get", ["update", "-q"], { timeoutMs, env });
    const { code, output } = await runCommand("apt-get", ["install", "-q", "-y", "--no-install-recommends", name], {
      timeoutMs,
      env,
    });
    return code === 0 || output.trimEnd().split("\n").slice(-3).join("\n");
  } finally {
    if (isOurs) rmSync(policy, { force: true });
  }
}
