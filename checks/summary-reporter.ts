import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

/** What a test run came to, for the last lines of `npm test`. */
export interface TestSummary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** `file › test`, and why, where the test said so. */
  readonly leftOut: readonly string[];
}

/** Where the summary goes; nothing is written where the variable is not set. */
export const summaryFileVariable = "TEST_SUMMARY_FILE";

export function summarise(modules: readonly TestModule[], unhandledErrors: number): TestSummary {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const inState = (state: string) => tests.filter((test) => test.result().state === state);
  // A file that could not be loaded has no tests, and an error outside of a test belongs to none: each counts as one failure.
  const broken = modules.filter((module) => module.state() === "failed" && module.errors().length > 0);
  const skipped = inState("skipped");
  return {
    passed: inState("passed").length,
    failed: inState("failed").length + broken.length + unhandledErrors,
    skipped: skipped.length,
    leftOut: skipped.map((test) => {
      const result = test.result();
      const note = result.state === "skipped" && result.note !== undefined ? `: ${result.note}` : "";
      return `${test.module.relativeModuleId} › ${test.fullName}${note}`;
    }),
  };
}

class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const file = process.env[summaryFileVariable];
    if (file === undefined) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(summarise(modules, unhandledErrors.length)));
  }
}

// vitest loads a reporter by its default export.
// oxlint-disable-next-line import/no-default-export
export default SummaryReporter;
