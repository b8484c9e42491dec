import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./main.ts", import.meta.url));

export interface ProgramOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `messnetz` as a person does: in a folder of the person's own, with nothing of this process's environment. */
export async function runProgram(
  args: readonly string[],
  given: {
    readonly cwd: string;
    readonly input?: string | Uint8Array;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<ProgramOutcome> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: given.cwd,
    env: { PATH: process.env["PATH"], ...given.env },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  // A program that looks at no input may be gone before it is written.
  child.stdin.on("error", () => undefined);
  child.stdin.end(given.input ?? "");
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}
