import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{packages,services,bench,checks}/**/*.test.ts", "*.test.ts"],
    exclude: ["**/node_modules/**"],
    // Real servers, child processes and kill -9: slow machines need room, hanging tests must still end.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: "forks",
    // Most trials wait for servers: one file less at a time than there are cores, as is the default, leaves half of a small machine idle.
    maxWorkers: Math.max(2, availableParallelism()),
    reporters: ["default", "./checks/summary-reporter.ts"],
  },
});
