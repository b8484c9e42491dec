import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./checks/longest-first.ts";

export default defineConfig({
  test: {
    include: ["{packages,services,bench,checks}/**/*.test.ts", "*.test.ts"],
    exclude: ["**/node_modules/**"],
    // Real servers, child processes and kill -9: slow machines need room, hanging tests must still end.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000, interval: 10 } },
    pool: "forks",
    // Rooms keep no state in modules, so files may share them: else each of two hundred files compiles and runs much the same ones again.
    isolate: false,
    // Most trials wait for servers: one file more at a time than there are cores keeps these busy.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    reporters: ["default", "./checks/summary-reporter.ts"],
  },
});
