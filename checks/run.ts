// `npm test`: everything that must hold, one step after the other, and at the end what was left out and a line of counts.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { prerequisites } from "./prerequisites.ts";
import { summaryFileVariable, type TestSummary } from "./summary-reporter.ts";

interface Step {
  readonly name: string;
  /** npm package and the name of its program. */
  readonly tool: readonly [name: string, program: string];
  readonly args: readonly string[];
  readonly remedy: string;
}

const root = dirname(import.meta.dirname);
const summaryFile = join(root, "node_modules", ".cache", "messnetz", "tests.json");

const staticSteps: readonly Step[] = [
  { name: "format", tool: ["oxfmt", "oxfmt"], args: ["--check"], remedy: "node_modules/.bin/oxfmt" },
  { name: "lint", tool: ["oxlint", "oxlint"], args: ["--type-aware", "--deny-warnings"], remedy: "see above" },
  { name: "types", tool: ["typescript", "tsc"], args: ["-p", "."], remedy: "see above" },
  {
    name: "unused",
    tool: ["knip", "knip"],
    args: ["--no-progress", "--no-config-hints"],
    remedy: "remove what is not used, or use it",
  },
];

async function main(args: readonly string[]): Promise<number> {
  const testsOnly = args[0] === "--tests-only";
  const filters = testsOnly ? args.slice(1) : args;
  const startedAt = performance.now();
  const failedSteps: string[] = [];
  if (!testsOnly && filters.length === 0) {
    for (const step of staticSteps) if (!(await succeeds(step))) failedSteps.push(`${step.name} (${step.remedy})`);
  }
  rmSync(summaryFile, { force: true });
  const tests: Step = { name: "tests", tool: ["vitest", "vitest"], args: ["run", ...filters], remedy: "see above" };
  const testsHold = await succeeds(tests);
  const summary = readSummary();
  if (!testsHold && summary.failed === 0) failedSteps.push("tests (vitest ended with an error)");
  report(summary, failedSteps, Math.round((performance.now() - startedAt) / 1000));
  return failedSteps.length + summary.failed > 0 ? 1 : 0;
}

async function succeeds({ name, tool, args }: Step): Promise<boolean> {
  console.log(`\n── ${name}: ${tool[1]} ${args.join(" ")}`);
  const env = { ...process.env, [summaryFileVariable]: summaryFile };
  const child = spawn(process.execPath, [programOf(tool), ...args], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env,
  });
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on("SIGTERM", passOn);
  const [code] = (await once(child, "close")) as [number | null];
  process.off("SIGTERM", passOn);
  return code === 0;
}

/** The path of an npm package's program, from the `bin` of its package.json. */
function programOf([name, program]: Step["tool"]): string {
  const folder = join(root, "node_modules", name);
  const { bin } = createRequire(import.meta.url)(join(folder, "package.json")) as {
    bin: string | Record<string, string>;
  };
  const path = typeof bin === "string" ? bin : bin[program];
  if (path === undefined) throw new Error(`expected a program ${program} in ${name}, found ${JSON.stringify(bin)}`);
  return join(folder, path);
}

function readSummary(): TestSummary {
  if (!existsSync(summaryFile)) return { passed: 0, failed: 0, skipped: 0, leftOut: [] };
  return JSON.parse(readFileSync(summaryFile, "utf8")) as TestSummary;
}

function report(summary: TestSummary, failedSteps: readonly string[], seconds: number): void {
  const missing = prerequisites(root);
  if (missing.length + summary.leftOut.length > 0) console.log("\nLeft out:");
  for (const line of missing) console.log(`  ${line}`);
  for (const line of summary.leftOut) console.log(`  skipped: ${line}`);
  if (failedSteps.length > 0) console.log(`\nFailed: ${failedSteps.join(", ")}`);
  // A step that failed counts as one failure, so that the line below never looks better than the run was.
  console.log(`\n${seconds} s`);
  console.log(`${summary.passed} passed, ${summary.failed + failedSteps.length} failed, ${summary.skipped} skipped`);
}

process.exitCode = await main(process.argv.slice(2));
